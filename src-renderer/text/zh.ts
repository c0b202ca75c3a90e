/** Every text of the window in Chinese, in the same files as the English ones. */
import { chart } from './zh/chart.ts';
import { chat } from './zh/chat.ts';
import { common } from './zh/common.ts';
import { compress } from './zh/compress.ts';
import { data } from './zh/data.ts';
import { freeze } from './zh/freeze.ts';
import { gates } from './zh/gates.ts';
import { home } from './zh/home.ts';
import { inspect } from './zh/inspect.ts';
import { merge } from './zh/merge.ts';
import { method } from './zh/method.ts';
import { model } from './zh/model.ts';
import { queue } from './zh/queue.ts';
import { ranks } from './zh/ranks.ts';
import { runs } from './zh/runs.ts';
import { settings } from './zh/settings.ts';
import { shell } from './zh/shell.ts';
import { studies } from './zh/studies.ts';
import { sweeps } from './zh/sweeps.ts';
import { targets } from './zh/targets.ts';
import { tasks } from './zh/tasks.ts';
import { tour } from './zh/tour.ts';
import { train } from './zh/train.ts';
import { updates } from './zh/updates.ts';
import { wizard } from './zh/wizard.ts';

export const zh = {
  ...chart,
  ...chat,
  ...common,
  ...compress,
  ...data,
  ...freeze,
  ...gates,
  ...home,
  ...inspect,
  ...merge,
  ...method,
  ...model,
  ...queue,
  ...ranks,
  ...runs,
  ...settings,
  ...shell,
  ...studies,
  ...sweeps,
  ...targets,
  ...tasks,
  ...tour,
  ...train,
  ...updates,
  ...wizard,
} as const;
