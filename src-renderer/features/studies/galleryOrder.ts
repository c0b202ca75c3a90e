import type { StudyName } from '../../../src-main/contract/studies.ts';

/** Studies from the quickest to the longest. */
export const galleryOrder = [
  'overview',
  'heads',
  'merged',
  'QVmerged',
  'scaling',
  'threshold',
  'relation',
  'robustness',
  'ablation',
] as const satisfies readonly StudyName[];
