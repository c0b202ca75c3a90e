import { checkpoints } from './checkpoints.ts';
import { eightBit } from './eightBit.ts';
import { evaluation } from './evaluation.ts';
import { generation } from './generation.ts';
import { gpu } from './gpu.ts';
import { growthRows } from './growth.ts';
import { largeModel } from './largeModel.ts';
import { loading } from './loading.ts';
import { longRun } from './longRun.ts';
import { memory } from './memory.ts';
import { merging } from './merging.ts';
import { profile } from './profile.ts';
import type { Row } from './row.ts';
import { spectra, vectors } from './spectra.ts';
import { start } from './start.ts';
import { training } from './training.ts';
import { trainingBfloat16 } from './trainingBfloat16.ts';
import { usefulE2e, usefulGsm8k } from './usefulTokens.ts';

/** In the order of the page. */
export const allRows: readonly Row[] = [
  training,
  trainingBfloat16,
  usefulE2e,
  usefulGsm8k,
  memory,
  evaluation,
  generation,
  spectra,
  vectors,
  loading,
  merging,
  checkpoints,
  start,
  longRun,
  largeModel,
  eightBit,
  ...growthRows,
  profile,
  gpu,
];
