import type { OpAttributes } from '../opAttributes.ts';

/**
 * Where an op takes a tensor from: a ref ≥ 0 is the tensor of this number among all that the ops make, a ref < 0 the feed
 * −ref − 1, a tensor from outside.
 */
export type Ref = number;

/** Ops and what is wanted of them: they can end alike with different tensors still in use. */
export interface Program {
  readonly last: OpNode;
  /** Numbers of the tensors among all that the ops make. */
  readonly results: readonly number[];
  /** How often it ran. */
  times: number;
  graph: Graph | undefined;
}

/** A model loaded into TensorFlow, ready to run. */
export interface Graph {
  readonly model: number;
  /** Joined by commas. */
  readonly inputNames: string;
  readonly outputNames: string;
}

/**
 * All recordings so far, as a tree: a node is an op after the ops on the way to it. A recording follows its way with a few
 * comparisons an op, since it nearly always is one that was there before.
 */
export class OpNode {
  readonly name: string;
  readonly attributes: OpAttributes;
  readonly refs: readonly Ref[];
  readonly outputs: number;
  readonly #before: OpNode | undefined;
  readonly #tree: { nodes: number };
  readonly #next: OpNode[] = [];
  readonly #programs: Program[] = [];
  #way: readonly OpNode[] | undefined;

  private constructor(
    name: string,
    attributes: OpAttributes,
    refs: readonly Ref[],
    outputs: number,
    before: OpNode | undefined,
    tree: { nodes: number },
  ) {
    this.#tree = tree;
    tree.nodes += 1;
    this.name = name;
    this.attributes = attributes;
    this.refs = refs;
    this.outputs = outputs;
    this.#before = before;
  }

  static root(): OpNode {
    return new OpNode('', [], [], 0, undefined, { nodes: 0 });
  }

  /** Nodes of the whole tree. */
  get treeSize(): number {
    return this.#tree.nodes;
  }

  /** The op that comes next. @param refs copied where the op is a new one */
  then(name: string, attributes: OpAttributes, refs: readonly Ref[], outputs: number): OpNode {
    for (const node of this.#next) {
      const sameOp = node.attributes === attributes && node.name === name && node.outputs === outputs;
      if (sameOp && same(node.refs, refs)) return node;
    }
    const node = new OpNode(name, attributes, [...refs], outputs, this, this.#tree);
    this.#next.push(node);
    return node;
  }

  /** The ops up to this one, with these results. */
  program(results: readonly number[]): Program {
    let program = this.#programs.find((known) => same(known.results, results));
    if (program === undefined) {
      program = { last: this, results, times: 0, graph: undefined };
      this.#programs.push(program);
    }
    return program;
  }

  /** The ops from the first to this one. */
  get way(): readonly OpNode[] {
    if (this.#way === undefined) {
      const way: OpNode[] = [];
      let node: OpNode = this; // eslint-disable-line @typescript-eslint/no-this-alias
      for (; node.#before !== undefined; node = node.#before) way.push(node);
      this.#way = way.reverse();
    }
    return this.#way;
  }
}

function same(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
