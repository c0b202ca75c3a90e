import type { Backend } from '../backend.ts';
import { PreparationMarker } from './marker.ts';
import { nameGpu } from './nameGpu.ts';
import type { PreparedOp } from './preparedOp.ts';
import { runOnce, type PreparationProgress } from './runOnce.ts';

type Prepared = Pick<Backend, 'kernels'> & {
  readonly report: Pick<Backend['report'], 'device' | 'tensorflowVersion'>;
};

/**
 * Lets a GPU be prepared before it first computes for this process. For a GPU newer than those it was built for,
 * libtensorflow holds its kernels in a general form (PTX) alone, and the driver compiles each when it is first launched,
 * which takes minutes in all. So every op is run once, which can be watched and cancelled; the driver keeps what it has
 * compiled (CUDA_CACHE_PATH), and a marker lets the processes after this one skip the preparation.
 */
export class GpuPreparation {
  readonly #ops: readonly PreparedOp[];
  readonly #nameGpu: () => Promise<string>;
  #done = false;

  constructor(ops: readonly PreparedOp[], name: () => Promise<string> = nameGpu) {
    this.#ops = ops;
    this.#nameGpu = name;
  }

  /**
   * Does nothing on a CPU, and where the GPU is prepared already.
   * @throws AppError CANCELLED; the next call begins again, and gets quickly to where this one ended
   */
  async prepare({ kernels, report }: Prepared, signal: AbortSignal, onProgress: PreparationProgress): Promise<void> {
    if (this.#done || report.device !== 'gpu') return;
    const marker = new PreparationMarker({
      tensorflow: report.tensorflowVersion,
      gpu: await this.#nameGpu(),
      ops: this.#ops.map(({ name }) => name),
    });
    if (!marker.isThere && (await runOnce(kernels, this.#ops, signal, onProgress))) await marker.write();
    this.#done = true;
  }
}
