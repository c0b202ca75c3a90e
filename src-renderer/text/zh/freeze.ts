import type { Chinese } from '../translation.ts';
import type { freeze as source } from '../en/freeze.ts';

export const freeze: Chinese<typeof source> = {
  'freeze.title': '冻结门控',
  'freeze.lead':
    '使用哪一组奇异值取决于每个词元，权重本身做不到这一点。合并时，门控固定为它在若干行上的均值。请先看代价，再决定。',
  'freeze.rows': '求均值的行',
  'freeze.heldOut': '此次运行的验证行',
  'freeze.otherRows': '其他行…',
  'freeze.useHeldOut': '验证行',
  'freeze.maxRows': '最多行数',
  'freeze.measure': '测量代价',
  'freeze.again': '重新测量',
  'freeze.measuring': '正在求门控均值并比较预测…',
  'freeze.failed': '无法测量代价',
  'freeze.kl': '预测的变化（KL）',
  'freeze.klValue': '每个词元 {kl} nat',
  'freeze.perplexity': '困惑度',
  'freeze.loss': '损失',
  'freeze.change': '{before} → {after}（{change}）',
  'freeze.agreement': '最可能的词元相同',
  'freeze.measuredOn': '测量范围',
  'freeze.positions': '{rows} 行，{positions} 个位置',
  'freeze.accept': '我接受合并后的模型有此损失',
  'freeze.blocked': '请先测量冻结门控的代价并接受它。',
};
