import type { Chinese } from '../translation.ts';
import type { chart as source } from '../en/chart.ts';

export const chart: Chinese<typeof source> = {
  'chart.showTable': '显示为表格',
  'chart.showPicture': '显示为图表',
  'chart.export': '保存或复制',
  'chart.savePicture': '保存为图片（PNG）',
  'chart.saveDrawing': '保存为矢量图（SVG）',
  'chart.saveCsv': '保存数值（CSV）',
  'chart.copyText': '复制为文本',
  'chart.table': '{title}（表格）',
  'chart.thinned': '共 {count} 行，每 {step} 行显示一行；保存的文件包含全部。',
  'chart.logY': '对数刻度',
  'chart.smoothing': '平滑',
  'chart.legend': '曲线：按下可隐藏或显示',
  'chart.resetZoom': '还原缩放',
  'chart.lineHelp': '左右方向键沿曲线移动，加号和减号缩放，0 显示全部。在图上拖动可放大，双击显示全部。',
  'chart.empty': '完成第一步后会出现首批数值。',
  'chart.noPoints': '算出第一个点后会显示在这里。',
  'chart.point': '{series}，{name}：{xLabel} {x}，{yLabel} {y}',
  'chart.plotHelp': '用方向键在各点之间移动。',
};
