import type { Chinese } from '../translation.ts';
import type { queue as source } from '../en/queue.ts';

export const queue: Chinese<typeof source> = {
  'queue.title': '队列',
  'queue.waiting': '{count} 次训练在等待。',
  'queue.now': '正在进行',
  'queue.look': '查看',
  'queue.held': '让队列继续后，下一次训练才会开始。',
  'queue.held.restart': '这些是上次留下的；让队列继续后，下一次训练才会开始。',
  'queue.held.failed': '已暂停，因为后面的训练也都会失败：{reason}',
  'queue.goOn': '继续',
  'queue.hold': '暂停',
  'queue.train': '{method}：{model}，数据 {data}',
  'queue.resume': '继续训练 {name}',
  'queue.up': '提前：{title}',
  'queue.down': '推后：{title}',
  'queue.remove': '移除：{title}',
  'queue.add': '加入队列',
  'queue.added': '已加入队列：{count} 次在等待',
  'queue.addedBody': '轮到它时会自动开始。队列在“运行”中。',
  'queue.next': '设置下一次',
  'queue.back': '回到训练',
  'queue.toRuns': '打开运行',
};
