/** Where the bench finds everything, and how a row talks to the two sides. */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { trainConfigSchema, type TrainConfig, type TrainConfigInput } from '../../src-main/contract/requests.schema.ts';
import { engineEnvironment } from '../../src-main/host/engineEnvironment.ts';
import { cacheDirectory } from '../../src-main/util/paths.ts';
import type { Job } from './jobs.ts';
import { Side, type Program } from './side.ts';

export interface BenchContext {
  /** The work tree. */
  readonly root: string;
  /** Folder in the cache for models and rows that are made once, and for what a run leaves behind. */
  readonly folder: string;
  readonly quick: boolean;
  /** Of both sides. */
  readonly threads: number;
  say(line: string): void;
  /** Opens a job on our side, or on the peer's. @param environment added to the side's own */
  ours(job: Job, environment?: Readonly<Record<string, string>>): Promise<Side>;
  peer(job: Job, environment?: Readonly<Record<string, string>>): Promise<Side>;
}

/** @param python of the peer */
export function createContext(
  { root, python, quick }: { readonly root: string; readonly python: string; readonly quick: boolean },
  say: (line: string) => void,
): BenchContext {
  const folder = path.join(cacheDirectory(), 'bench');
  mkdirSync(folder, { recursive: true });
  const threads = Math.min(2, availableParallelism());
  const engine: Program = {
    name: 'SARA Studio',
    command: process.execPath,
    parameters: [path.join(root, 'out', 'bench', 'worker.cjs')],
    environment: engineEnvironment(process.env, threads),
  };
  const pytorch: Program = {
    name: 'PyTorch',
    command: python,
    parameters: [path.join(root, 'tests', 'bench', 'peer', 'peer.py')],
    environment: {
      ...process.env,
      BENCH_THREADS: String(threads),
      OMP_NUM_THREADS: String(threads),
      // As on our side: threads that spin are ten times slower as soon as anything else runs.
      OMP_WAIT_POLICY: 'passive',
      TOKENIZERS_PARALLELISM: 'false',
      HF_HUB_OFFLINE: '1',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  };
  const withEnvironment = (program: Program, more: Readonly<Record<string, string>>): Program => ({
    ...program,
    environment: { ...program.environment, ...more },
  });
  return {
    root,
    folder,
    quick,
    threads,
    say,
    ours: (job, environment = {}) => Side.open(withEnvironment(engine, environment), job),
    peer: (job, environment = {}) => Side.open(withEnvironment(pytorch, environment), job),
  };
}

/** A configuration of a training with everything that was left out at its default. */
export function trainConfig(config: TrainConfigInput): TrainConfig {
  return trainConfigSchema.parse(config);
}
