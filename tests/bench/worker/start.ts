import type { Operations } from '../../../src-main/contract/engine.ts';
import { contextOf } from './operationContext.ts';
import { doneWith, type Work } from './work.ts';

/** The engine is ready once it has said what it runs on. */
export async function openStart(operations: Operations, signal: AbortSignal): Promise<Work> {
  const { tensorflowVersion, packageVersion, device, threads } = await operations['engine.report'](
    {},
    contextOf(signal),
  );
  return doneWith({
    values: {},
    extra: { threads },
    texts: { TensorFlow: tensorflowVersion, tfjs: packageVersion, 'Node.js': process.versions.node, device },
  });
}
