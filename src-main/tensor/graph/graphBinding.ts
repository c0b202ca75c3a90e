import { at } from '../../util/at.ts';
import type { Binding, GraphMode, MadeTensor, NativeBinding, Trace } from '../binding.ts';
import { StartCounter, type KernelStarts } from '../kernelStarts.ts';
import { dataTypes, type OpAttributes } from '../opAttributes.ts';
import { ProgramRunner } from './programRunner.ts';
import { Recording, type PromisedTensor } from './recording.ts';

/** Ops on variables, which belong to the addon's own context, and memory that has no values yet: never in a graph. */
const apart = new Set([
  'VarHandleOp',
  'ReadVariableOp',
  'AssignVariableOp',
  'ResourceApplyAdam',
  'DestroyResourceOp',
  'Empty',
]);

/**
 * The addon's binding with a mode in which ops are noted down and then run together as one graph, by TensorFlow's
 * executor: starting a kernel from JavaScript takes 8 to 15 µs, and a decoded token has 1,200 of them. The same kernels run
 * in the same order. Only for a CPU: what a graph takes from outside would be copied from a GPU and back.
 */
export class GraphBinding implements Binding, GraphMode {
  readonly #native: NativeBinding;
  readonly #runner: ProgramRunner;
  readonly #counter = new StartCounter();
  /** The addon's ids of tensors that were promised and made. Promised ones have ids below 0. */
  readonly #made = new Map<number, number>();
  /** TF_DataTypes other than float32, by id. */
  readonly #types = new Map<number, number>();
  #recording: Recording | undefined;
  #nextId = -1;
  /** Whether the recording that is on began with `begin`, and not after a value was asked for. */
  #whole = false;

  constructor(native: NativeBinding) {
    this.#native = native;
    this.#runner = new ProgramRunner(native, this.#counter);
  }

  /** Graphs loaded now. */
  get graphs(): number {
    return this.#runner.graphs;
  }

  get starts(): KernelStarts {
    return this.#counter.counted;
  }

  /** Ops in the recordings that are remembered. */
  get recordedOps(): number {
    return this.#runner.root.treeSize;
  }

  get graph(): GraphMode {
    return this;
  }

  get TF_Version(): string {
    return this.#native.TF_Version;
  }

  isUsingGpuDevice(): boolean {
    return this.#native.isUsingGpuDevice();
  }

  createTensor(shape: readonly number[], dataType: number, data: Float32Array | Int32Array): number {
    const id = this.#native.createTensor(shape, dataType, data);
    this.#noteType(id, dataType);
    return id;
  }

  deleteTensor(id: number): void {
    if (this.#recording?.free(id) === true) return;
    this.#types.delete(id);
    if (id >= 0) {
      this.#native.deleteTensor(id);
      return;
    }
    const made = this.#made.get(id);
    if (made === undefined) return; // of a graph, or of a recording that was dropped
    this.#made.delete(id);
    this.#native.deleteTensor(made);
  }

  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    this.#runFor([id]);
    return this.#native.tensorDataSync(this.#real(id));
  }

  executeOp(
    name: string,
    attributes: OpAttributes,
    inputs: readonly number[],
    outputCount: number,
  ): readonly MadeTensor[] {
    if (this.#recording !== undefined && !apart.has(name)) {
      return this.#recording.add(name, attributes, inputs, outputCount);
    }
    this.#runFor(inputs);
    this.#counter.op();
    const outputs = this.#native.executeOp(name, attributes, this.#realOf(inputs), outputCount);
    for (const { id, dtype } of outputs) this.#noteType(id, dtype);
    return outputs;
  }

  begin(): void {
    this.#recording = new Recording(this.#runner.root, this.#nextId);
    this.#whole = true;
  }

  run(): Trace | undefined {
    const recording = this.#end();
    if (recording === undefined) return undefined;
    const { program, feeds, freedFeeds } = recording;
    try {
      const made = this.#runner.run(program, this.#realOf(feeds), () => this.#typesOf(feeds));
      const results = program.results.map((result, i) => this.#keepPromise(recording.made(result), at(made, i)));
      return this.#whole ? { program, feeds, results } : undefined;
    } finally {
      for (const id of freedFeeds) this.deleteTensor(id);
    }
  }

  drop(): void {
    for (const id of this.#end()?.freedFeeds ?? []) this.deleteTensor(id);
  }

  rerun({ program }: Trace, feeds: readonly number[]): readonly MadeTensor[] {
    const made = this.#runner.run(program, this.#realOf(feeds), () => this.#typesOf(feeds));
    for (const { id, dtype } of made) this.#noteType(id, dtype);
    return made;
  }

  /** @returns the promised id, which now stands for the tensor made */
  #keepPromise(promised: PromisedTensor, { id, shape, dtype }: MadeTensor): number {
    this.#made.set(promised.id, id);
    promised.shape = shape;
    this.#noteType(promised.id, dtype);
    return promised.id;
  }

  #end(): Recording | undefined {
    const recording = this.#recording;
    this.#recording = undefined;
    this.#nextId = recording?.nextId ?? this.#nextId;
    return recording;
  }

  /** Runs what is noted down so far when one of these tensors waits for it. */
  #runFor(ids: readonly number[]): void {
    const recording = this.#recording;
    if (recording === undefined || !ids.some((id) => recording.makes(id))) return;
    this.run();
    this.begin();
    this.#whole = false;
  }

  #noteType(id: number, dtype: number | undefined): void {
    if (dtype !== undefined && dtype !== dataTypes.float) this.#types.set(id, dtype);
  }

  #typesOf(ids: readonly number[]): readonly number[] {
    return ids.map((id) => this.#types.get(id) ?? dataTypes.float);
  }

  #realOf(ids: readonly number[]): readonly number[] {
    return ids.some((id) => id < 0) ? ids.map((id) => this.#real(id)) : ids;
  }

  #real(id: number): number {
    return id < 0 ? (this.#made.get(id) ?? id) : id;
  }
}
