/** What jobs are called, in the window's lists and notices and in the system's notifications. */
import type { JobKind, JobSummary } from './jobs.ts';
import type { Language } from './language.ts';

/** What a job works on: a model, run, file or sweep, and what else its title names. */
export interface JobSubject {
  readonly subject: string;
  readonly other?: string;
}

const titles: Readonly<Record<Language, Readonly<Record<JobKind, string>>>> = {
  en: {
    'model.fetchSample': 'Fetch {subject}',
    'analysis.run': 'Analyse {subject}',
    'train.run': 'Train {subject} on {other}',
    'train.runOn': 'Train {subject} on {other}',
    'train.resume': 'Resume {subject}',
    'evaluate.run': 'Evaluate {subject}',
    'evaluate.task': 'Evaluate {subject} on {other}',
    'data.check': 'Check {subject}',
    'generate.run': 'Generate with {subject}',
    'gates.run': 'Gates of {subject}',
    'calibrate.run': 'Calibrate {subject}',
    'adapter.compress': 'Compress {subject}',
    'export.run': 'Export {subject}: {other}',
    'export.verify': 'Check {subject}',
    'publish.run': 'Publish {subject} as {other}',
    'sweep.run': 'Sweep {subject} of {other}',
    'sweep.runOn': 'Sweep {subject} on {other}',
    'study.run': 'Study {other} of {subject}',
  },
  zh: {
    'model.fetchSample': '下载 {subject}',
    'analysis.run': '分析 {subject}',
    'train.run': '用 {other} 训练 {subject}',
    'train.runOn': '在 {other} 上训练 {subject}',
    'train.resume': '继续训练 {subject}',
    'evaluate.run': '评估 {subject}',
    'evaluate.task': '在 {other} 上评估 {subject}',
    'data.check': '检查 {subject}',
    'generate.run': '用 {subject} 生成',
    'gates.run': '{subject} 的门控',
    'calibrate.run': '校准 {subject}',
    'adapter.compress': '压缩 {subject}',
    'export.run': '导出 {subject}：{other}',
    'export.verify': '检查 {subject}',
    'publish.run': '将 {subject} 发布为 {other}',
    'sweep.run': '扫描 {other}：{subject}',
    'sweep.runOn': '在 {other} 上扫描 {subject}',
    'study.run': '研究 {subject}：{other}',
  },
};

/** One line that names the job. */
export function jobTitle({ kind, about }: Pick<JobSummary, 'kind' | 'about'>, language: Language): string {
  return titles[language][kind].replace('{subject}', () => about.subject).replace('{other}', () => about.other ?? '');
}
