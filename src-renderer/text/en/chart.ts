export const chart = {
  'chart.showTable': 'Show as table',
  'chart.showPicture': 'Show as chart',
  'chart.export': 'Save or copy',
  'chart.savePicture': 'Save as picture (PNG)',
  'chart.saveCsv': 'Save values (CSV)',
  'chart.copyText': 'Copy as text',
  'chart.table': '{title} as a table',
  'chart.thinned': 'Every {step}th of {count} rows; the saved file has all.',
  'chart.logY': 'Log scale',
  'chart.smoothing': 'Smoothing',
  'chart.resetZoom': 'Reset zoom',
  'chart.lineHelp':
    'Left and right arrows move along the curve, plus and minus zoom, 0 shows everything. Drag across the chart to zoom, double-click to show everything.',
  'chart.empty': 'The first values appear after the first step.',
} as const;
