import type { EngineServices } from '../../../src-main/engine/services.ts';
import type { Binding } from '../../../src-main/tensor/binding.ts';
import { Kernels } from '../../../src-main/tensor/kernels.ts';
import { valueCount } from '../../../src-main/util/valueCount.ts';
import type { JobOf } from '../jobs.ts';
import { openTraining } from './training.ts';
import { doneWith, timed, type Work } from './work.ts';

/** Calls, seconds and floating-point operations of each kernel in one step, as `KERNEL|calls` and so on. */
export async function profileStep(
  { training }: JobOf<'profile'>,
  services: EngineServices,
  signal: AbortSignal,
): Promise<Work> {
  const timedBinding = new TimedBinding((await services.backend()).binding);
  const work = await openTraining(training, services, signal, new Kernels(timedBinding));
  await work.run(0);
  timedBinding.totals.clear();
  const { seconds, extra: counted } = await work.run(1);
  const extra: Record<string, number> = { ...counted, seconds };
  for (const [op, { calls, seconds: spent, flop }] of timedBinding.totals) {
    extra[`${op}|calls`] = calls;
    extra[`${op}|seconds`] = spent;
    if (flop > 0) extra[`${op}|flop`] = flop;
  }
  await work.close();
  return doneWith({ values: {}, extra });
}

/** The largest rate of float32 products that this machine gives to the engine. */
export async function openMatMul({ size, times }: JobOf<'matmul'>, services: EngineServices): Promise<Work> {
  const { kernels: k } = await services.backend();
  const a = k.fill([size, size], 0.5);
  return {
    facts: { values: {} },
    async run() {
      const { seconds } = await timed(async () => {
        for (let i = 0; i < times; i += 1) k.free(k.matMul(a, a));
      });
      return { seconds, values: {} };
    },
    async close() {
      k.free(a);
    },
  };
}

interface Total {
  calls: number;
  seconds: number;
  flop: number;
}

/** Passes everything on and keeps the time of every kernel. On a CPU kernels are done when the call returns. */
class TimedBinding implements Binding {
  readonly totals = new Map<string, Total>();
  readonly #binding: Binding;
  readonly #shapes = new Map<number, readonly number[]>();

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  get TF_Version(): string {
    return this.#binding.TF_Version;
  }

  isUsingGpuDevice(): boolean {
    return this.#binding.isUsingGpuDevice();
  }

  createTensor(...parameters: Parameters<Binding['createTensor']>): number {
    const id = this.#binding.createTensor(...parameters);
    this.#shapes.set(id, parameters[0]);
    return id;
  }

  deleteTensor(id: number): void {
    this.#shapes.delete(id);
    this.#binding.deleteTensor(id);
  }

  tensorDataSync(id: number): ReturnType<Binding['tensorDataSync']> {
    return this.#binding.tensorDataSync(id);
  }

  executeOp(...parameters: Parameters<Binding['executeOp']>): ReturnType<Binding['executeOp']> {
    const [name, , inputs] = parameters;
    const begun = performance.now();
    const outputs = this.#binding.executeOp(...parameters);
    const total = this.totals.get(name) ?? { calls: 0, seconds: 0, flop: 0 };
    total.calls += 1;
    total.seconds += (performance.now() - begun) / 1000;
    if (name.includes('MatMul')) total.flop += this.#flopOf(inputs[0], outputs[0]?.shape ?? []);
    this.totals.set(name, total);
    for (const { id, shape } of outputs) this.#shapes.set(id, shape);
    return outputs;
  }

  /** 2 · batch · m · n · k of a product: its inputs have m k and its outputs m n values a batch. */
  #flopOf(left: number | undefined, output: readonly number[]): number {
    const rows = output.at(-2) ?? 1;
    const values = valueCount(this.#shapes.get(left ?? -1) ?? []);
    const batch = valueCount(output.slice(0, -2));
    return 2 * valueCount(output) * (values / batch / rows);
  }
}
