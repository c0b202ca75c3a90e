import type { TaskName } from '../../contract/tasks.ts';
import { addsub } from './addsub.ts';
import { aqua } from './aqua.ts';
import { arcChallenge } from './arcChallenge.ts';
import { arcEasy } from './arcEasy.ts';
import { boolq } from './boolq.ts';
import { e2e } from './e2e.ts';
import { gsm8k } from './gsm8k.ts';
import { hellaswag } from './hellaswag.ts';
import { multiarith } from './multiarith.ts';
import { openBookQa } from './openBookQa.ts';
import { piqa } from './piqa.ts';
import { singleeq } from './singleeq.ts';
import { siqa } from './siqa.ts';
import { svamp } from './svamp.ts';
import type { Task } from './task.ts';
import { winogrande } from './winogrande.ts';

/** Every task by its name. */
export const tasks: { readonly [N in TaskName]: Task } = {
  gsm8k,
  svamp,
  aqua,
  addsub,
  multiarith,
  singleeq,
  boolq,
  piqa,
  siqa,
  winogrande,
  hellaswag,
  'arc-e': arcEasy,
  'arc-c': arcChallenge,
  obqa: openBookQa,
  e2e,
};
