/**
 * Every text of the window, in English: one file a feature, merged here. A key is `feature.part`; `{name}` is filled in
 * by `t()`, and a text with `one` and `other` follows `{count}`. A translation is an object with the same keys.
 */
import { chart } from './en/chart.ts';
import { chat } from './en/chat.ts';
import { common } from './en/common.ts';
import { compress } from './en/compress.ts';
import { data } from './en/data.ts';
import { freeze } from './en/freeze.ts';
import { gates } from './en/gates.ts';
import { home } from './en/home.ts';
import { inspect } from './en/inspect.ts';
import { merge } from './en/merge.ts';
import { method } from './en/method.ts';
import { model } from './en/model.ts';
import { queue } from './en/queue.ts';
import { ranks } from './en/ranks.ts';
import { runs } from './en/runs.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';
import { studies } from './en/studies.ts';
import { sweeps } from './en/sweeps.ts';
import { targets } from './en/targets.ts';
import { tasks } from './en/tasks.ts';
import { tour } from './en/tour.ts';
import { train } from './en/train.ts';
import { updates } from './en/updates.ts';
import { wizard } from './en/wizard.ts';

export const en = {
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
