import type { Chinese } from '../translation.ts';
import type { compress as source } from '../en/compress.ts';

export const compress: Chinese<typeof source> = {
  'compress.tab': '压缩',
  'compress.lead':
    '学到的内容所需的秩往往低于训练时的秩。每个适配器在其自身奇异值达到某一能量占比处截断，然后重新测量损失。',
  'compress.measure': '测量截断的代价',
  'compress.cost': '测量验证损失 {count} 次。不会改变任何内容。',
  'compress.measuring': '正在按 {count} 种能量占比截断并测量…',
  'compress.failed': '无法测量截断的代价',
  'compress.map': '截断后的秩',
  'compress.slider': '保留的能量占比',
  'compress.energy': '{energy} 的能量',
  'compress.cell': '{name}：秩 {rank}，原为 {before}，保留其能量的 {kept}',
  'compress.size': '适配器',
  'compress.loss': '验证损失',
  'compress.change': '{before} → {after}',
  'compress.keep': '将 {energy} 存为新的运行',
  'compress.kept': '已保存：新的运行在“运行”中。',
  'compress.keepFailed': '无法保存截断后的适配器',
};
