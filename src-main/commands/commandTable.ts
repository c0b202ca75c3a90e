import { analyze } from './analyze.ts';
import { checkData } from './checkData.ts';
import type { Command } from './command.ts';
import { compress } from './compress.ts';
import { doctor } from './doctor.ts';
import { estimate } from './estimate.ts';
import { evaluate } from './evaluate.ts';
import { exportCommand, merge } from './export.ts';
import { generate } from './generate.ts';
import { gates } from './gates.ts';
import { inspect } from './inspect.ts';
import { settings } from './settings.ts';
import { study } from './study.ts';
import { sweep } from './sweep.ts';
import { pull } from './pull.ts';
import { runs } from './runs.ts';
import { targets } from './targets.ts';
import { models } from './models.ts';
import { publish } from './publish.ts';
import { resume, train } from './train.ts';
import { verify } from './verify.ts';

/** Every command, in the order of --help. */
export const commands: readonly Command[] = [
  doctor,
  analyze,
  checkData,
  estimate,
  train,
  resume,
  settings,
  evaluate,
  generate,
  gates,
  merge,
  exportCommand,
  compress,
  verify,
  study,
  sweep,
  runs,
  pull,
  targets,
  inspect,
  publish,
  models,
];
