import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../../util/fsAtomic.ts';
import { gpuCacheDirectory } from '../../util/paths.ts';

/** All that decides which kernels are in CUDA's cache. */
export interface PreparationFacts {
  readonly tensorflow: string;
  /** Name and driver of the GPU, see nameGpu.ts. */
  readonly gpu: string;
  /** Names of the ops that were run. */
  readonly ops: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A file that says that a GPU is prepared. It lies beside CUDA's cache, so that who deletes the cache deletes both. */
export class PreparationMarker {
  /** Undefined where CUDA keeps nothing. */
  readonly #file: string | undefined;
  readonly #facts: PreparationFacts;

  constructor(facts: PreparationFacts, environment: Environment = process.env) {
    this.#facts = facts;
    if (environment['CUDA_CACHE_DISABLE'] === '1') return;
    const { CUDA_CACHE_PATH: cache = '', CUDA_VISIBLE_DEVICES: visible = '' } = environment;
    const key = createHash('sha256')
      .update(JSON.stringify([facts, cache, visible]))
      .digest('hex');
    this.#file = path.join(gpuCacheDirectory(environment), `prepared-${key.slice(0, 16)}.json`);
  }

  get isThere(): boolean {
    return this.#file !== undefined && existsSync(this.#file);
  }

  /** A cache that cannot be written costs the next process the time of looking again, nothing else. */
  async write(): Promise<void> {
    if (this.#file === undefined) return;
    const { tensorflow, gpu } = this.#facts;
    await writeFileAtomic(this.#file, `${JSON.stringify({ tensorflow, gpu })}\n`).catch(() => undefined);
  }
}
