import type { JobKind } from '../../../src-main/contract/jobs.ts';
import type { View } from '../../state/navigation.svelte.ts';
import type { StepId } from '../../state/steps.ts';

/** Where a job is shown. */
export function viewOfJob(kind: JobKind): { readonly view: View; readonly step?: StepId } {
  switch (kind) {
    case 'model.fetchSample':
      return { view: 'home' };
    case 'analysis.run':
      return { view: 'project', step: 'ranks' };
    case 'train.run':
    case 'train.resume':
    case 'train.runOn':
      return { view: 'project', step: 'train' };
    case 'calibrate.run':
    case 'export.run':
    case 'export.verify':
    case 'publish.run':
      return { view: 'project', step: 'export' };
    case 'data.check':
      return { view: 'project', step: 'data' };
    case 'evaluate.run':
    case 'gates.run':
    case 'adapter.compress':
    case 'evaluate.task':
      return { view: 'runs' };
    case 'sweep.run':
    case 'sweep.runOn':
      return { view: 'sweeps' };
    case 'study.run':
      return { view: 'studies' };
    case 'generate.run':
      return { view: 'chat' };
  }
}
