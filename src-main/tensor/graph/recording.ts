import type { MadeTensor } from '../binding.ts';
import type { OpAttributes } from '../opAttributes.ts';
import type { OpNode, Program, Ref } from './opTree.ts';

/** A tensor that an op of a recording is going to make; its shape comes with it. */
export interface PromisedTensor {
  readonly id: number;
  shape: readonly number[];
}

/** Ops in the order in which they were asked for, with the tensors they take and make. */
export class Recording {
  /** Tensors from outside, in the order of their first use. */
  readonly feeds: number[] = [];
  /** Those of them that are not used after the recording. */
  readonly freedFeeds: number[] = [];
  readonly #made: PromisedTensor[] = [];
  readonly #firstId: number;
  readonly #feedRefs = new Map<number, Ref>();
  readonly #gone = new Set<number>();
  readonly #refs: Ref[] = [];
  #last: OpNode;

  /** @param root of the tree of all recordings @param firstId id of the first tensor to be made; further ones count down */
  constructor(root: OpNode, firstId: number) {
    this.#last = root;
    this.#firstId = firstId;
  }

  /** Id of the next tensor to be made. */
  get nextId(): number {
    return this.#firstId - this.#made.length;
  }

  add(name: string, attributes: OpAttributes, inputs: readonly number[], outputs: number): readonly MadeTensor[] {
    const refs = this.#refs;
    refs.length = inputs.length;
    for (let i = 0; i < inputs.length; i++) refs[i] = this.#refOf(inputs[i] ?? 0);
    this.#last = this.#last.then(name, attributes, refs, outputs);
    const promised: PromisedTensor[] = [];
    for (let i = 0; i < outputs; i++) {
      const tensor = { id: this.nextId, shape: [] };
      promised.push(tensor);
      this.#made.push(tensor);
    }
    return promised;
  }

  /** Whether an op of this recording makes the tensor. */
  makes(id: number): boolean {
    return id <= this.#firstId && id > this.nextId;
  }

  /** Notes that a tensor is not used any more. @returns false for a tensor that no op here takes or makes */
  free(id: number): boolean {
    if (this.makes(id)) this.#gone.add(id);
    else if (this.#feedRefs.has(id)) this.freedFeeds.push(id);
    else return false;
    return true;
  }

  /** The ops, and as results the tensors made here and still in use. */
  get program(): Program {
    const results: number[] = [];
    for (let i = 0; i < this.#made.length; i++) if (!this.#gone.has(this.#firstId - i)) results.push(i);
    return this.#last.program(results);
  }

  /** The tensor with this number among all made here. */
  made(result: number): PromisedTensor {
    const tensor = this.#made[result];
    if (tensor === undefined) throw new RangeError('A recording has fewer tensors than its program.');
    return tensor;
  }

  #refOf(id: number): Ref {
    if (this.makes(id)) return this.#firstId - id;
    let ref = this.#feedRefs.get(id);
    if (ref === undefined) {
      this.feeds.push(id);
      ref = -this.feeds.length;
      this.#feedRefs.set(id, ref);
    }
    return ref;
  }
}
