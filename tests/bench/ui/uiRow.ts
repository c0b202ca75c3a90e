/** The window's section of BENCHMARKS.md; measured by a command of its own. */
export const ui = {
  id: 'ui',
  title: 'The window',
  command: 'npm run bench:ui',
  about:
    'The real app with a mouse and a wheel, on a virtual display without a GPU: Chromium draws with the processor, which also computes. First paint counts from the start of Electron’s process; a view change from the press of the button to the frame after the one in which the view stands in the page; frames as the page’s own animation callbacks see them, at the display’s 60 Hz. The rows are a JSONL file of a million; the map is that of a LLaMA of 32 layers with 7 matrices each, analysed by the engine. Long garbage collections and the driver’s own work are in the figures.',
} as const;
