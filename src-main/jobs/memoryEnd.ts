import type { ErrorShape } from '../contract/errors.ts';
import { memoryProposal } from '../contract/memoryProposal.ts';
import type { JobInput } from './job.ts';

/** SIGKILL, as the system ends who takes its last memory, and SIGABRT, as a failed allocation ends; bare and plus 128. */
const endsOfMemory = [9, 137, 6, 134];

/** Why an engine process ended under a training, with settings that need less memory where that may be the reason. */
export function explainEnd(request: JobInput, shape: ErrorShape): ErrorShape {
  const training = request.kind === 'train.run' || request.kind === 'train.resume';
  if (!training || shape.code !== 'ENGINE_STOPPED' || !endsOfMemory.includes(exitCodeIn(shape.details))) return shape;
  const proposal = request.kind === 'train.run' ? memoryProposal(request.input.config) : undefined;
  return {
    code: shape.code,
    message: `${shape.message} The system may have ended it because memory ran out.`,
    details: { ...Object(shape.details), ...(proposal === undefined ? {} : { proposal }) } as unknown,
  };
}

function exitCodeIn(details: unknown): number {
  if (typeof details !== 'object' || details === null || !('exitCode' in details)) return NaN;
  return Number(details.exitCode);
}
