import { at } from '../util/at.ts';
import type { Trace } from './binding.ts';
import type { Kernels } from './kernels.ts';
import type { TensorId } from './tensorId.ts';

/** Where a trace takes a tensor from: the number of a given one, or a tensor that stays. */
type Source = { readonly given: number } | { readonly tensor: TensorId };

interface Run {
  readonly trace: Trace;
  readonly sources: readonly Source[];
  /** For each result of the work its number among those of the trace. */
  readonly outputs: readonly number[];
}

/**
 * Work that is done again and again on other tensors with the same ops. Once two runs in a row have shown which tensors
 * change, the ops are run without going through the work, which takes as long as the ops of a single row themselves.
 */
export class RepeatedGraph {
  readonly #k: Kernels;
  /** The last run of each key, settled once it was like the one before it. */
  readonly #runs = new Map<string, Run & { readonly settled: boolean }>();

  constructor(kernels: Kernels) {
    this.#k = kernels;
  }

  /**
   * @param key of work that has the same ops, of tensors that stay and of those given
   * @param given tensors that may be others every time, borrowed
   * @param work returns all tensors that it leaves
   */
  run(key: string, given: readonly TensorId[], work: () => readonly TensorId[]): readonly TensorId[] {
    const before = this.#runs.get(key);
    if (before?.settled === true && this.#isWhole(before)) return this.#again(before, given);
    const { result, trace } = this.#k.traced(work);
    const run = trace && runOf(trace, given, result);
    if (run === undefined) this.#runs.delete(key);
    else this.#runs.set(key, { ...run, settled: before !== undefined && sameRun(before, run) });
    return result;
  }

  #again({ trace, sources, outputs }: Run, given: readonly TensorId[]): readonly TensorId[] {
    const feeds = sources.map((source) => ('given' in source ? at(given, source.given) : source.tensor));
    const results = this.#k.rerun(trace, feeds);
    const wanted = outputs.map((output) => at(results, output));
    if (wanted.length < results.length) this.#k.free(...results.filter((_, i) => !outputs.includes(i)));
    return wanted;
  }

  #isWhole({ sources }: Run): boolean {
    return sources.every((source) => 'given' in source || this.#k.isAlive(source.tensor));
  }
}

/** Undefined when the work returned a tensor that it did not make. */
function runOf(trace: Trace, given: readonly TensorId[], result: readonly TensorId[]): Run | undefined {
  const numbers = new Map<number, number>(given.map((id, i) => [id, i]));
  const sources = trace.feeds.map((id): Source => {
    const number = numbers.get(id);
    return number === undefined ? { tensor: id as TensorId } : { given: number };
  });
  const outputs = result.map((id) => trace.results.indexOf(id));
  return outputs.includes(-1) ? undefined : { trace, sources, outputs };
}

function sameRun(a: Run, b: Run): boolean {
  return (
    a.trace.program === b.trace.program &&
    a.outputs.every((output, i) => output === b.outputs[i]) &&
    a.sources.every((source, i) => sameSource(source, at(b.sources, i)))
  );
}

function sameSource(a: Source, b: Source): boolean {
  return 'given' in a ? 'given' in b && a.given === b.given : 'tensor' in b && a.tensor === b.tensor;
}
