import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { MadeTensor, NativeBinding } from '../binding.ts';
import type { StartCounter } from '../kernelStarts.ts';
import { OpNode, type Graph, type Program } from './opTree.ts';
import { encodeSavedModel, feedNode, graphTag, madeNames } from './savedModel.ts';

/** Ops below which starting a graph takes longer than starting its ops. */
const fewestOps = 6;

/** How often a program runs op by op before a graph is made of it: making one takes about as long as it saves then. */
const timesBefore = 8;

/** Ops in graphs at most, some 100 MB; then all are dropped, and what still comes is made anew. */
const mostOps = 20_000;

/** Ops in the tree of recordings at most, some 20 MB: what always differs must not fill the memory. */
const mostNodes = 100_000;

/** Runs programs: as one graph where one has been made, op by op before. */
export class ProgramRunner {
  readonly #native: NativeBinding;
  readonly #counter: StartCounter;
  /** Programs that have a graph. */
  readonly #loaded = new Set<Program>();
  #root = OpNode.root();
  #ops = 0;
  #usable = true;

  constructor(native: NativeBinding, counter: StartCounter) {
    this.#native = native;
    this.#counter = counter;
  }

  /** Where the next recording begins; all before are forgotten when they have become too many. */
  get root(): OpNode {
    if (this.#root.treeSize > mostNodes) this.#forget();
    return this.#root;
  }

  /** Graphs loaded now. */
  get graphs(): number {
    return this.#loaded.size;
  }

  /**
   * @param feeds the addon's ids of the tensors from outside
   * @param feedTypes their TF_DataTypes, asked for when a graph is made
   * @returns the results of the program, in its order
   */
  run(program: Program, feeds: readonly number[], feedTypes: () => readonly number[]): readonly MadeTensor[] {
    program.times += 1;
    const graph = this.#graphOf(program, feedTypes);
    if (graph === undefined) return this.#runEach(program, feeds);
    try {
      const made = this.#native.runSavedModel(graph.model, feeds, graph.inputNames, graph.outputNames);
      this.#counter.graph(program.last.way.length);
      return made;
    } catch {
      // Where the ops are at fault, they say so by themselves; else the graph is.
      const made = this.#runEach(program, feeds);
      this.#giveUp();
      return made;
    }
  }

  #graphOf(program: Program, feedTypes: () => readonly number[]): Graph | undefined {
    if (program.graph !== undefined || program.times <= timesBefore || !this.#usable) return program.graph;
    const ops = program.last.way;
    // The addon wants a result to ask for.
    if (ops.length < fewestOps || program.results.length === 0) return undefined;
    this.#ops += ops.length;
    if (this.#ops > mostOps) this.#forget();
    program.graph = this.#load(ops, feedTypes(), program.results);
    if (program.graph !== undefined) this.#loaded.add(program);
    return program.graph;
  }

  #load(ops: readonly OpNode[], feedTypes: readonly number[], results: readonly number[]): Graph | undefined {
    let folder: string | undefined;
    try {
      // The addon reads graphs from a folder alone.
      folder = mkdtempSync(path.join(os.tmpdir(), 'sara-graph-'));
      writeFileSync(path.join(folder, 'saved_model.pb'), encodeSavedModel(ops, feedTypes));
      const made = madeNames(ops);
      return {
        model: this.#native.loadSavedModel(folder, graphTag),
        inputNames: feedTypes.map((_, i) => `${feedNode(i)}:0`).join(),
        outputNames: results.map((result) => made[result]).join(),
      };
    } catch {
      this.#giveUp();
      return undefined;
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Frees what the ops make as soon as the last op that takes it is done. */
  #runEach({ last, results }: Program, feeds: readonly number[]): readonly MadeTensor[] {
    const ops = last.way;
    const uses = new Map<number, number>();
    for (const { refs } of ops) for (const ref of refs) uses.set(ref, (uses.get(ref) ?? 0) + 1);
    for (const result of results) uses.set(result, Infinity);
    const made: MadeTensor[] = [];
    try {
      for (const { name, attributes, refs, outputs } of ops) {
        const inputs = refs.map((ref) => (ref < 0 ? feeds[-ref - 1] : made[ref]?.id) ?? 0);
        const first = made.length;
        this.#counter.op();
        made.push(...this.#native.executeOp(name, attributes, inputs, outputs));
        for (let ref = first; ref < made.length; ref++) if (!uses.has(ref)) this.#free(made[ref]);
        for (const ref of refs) {
          const left = (uses.get(ref) ?? 0) - 1;
          uses.set(ref, left);
          if (left === 0 && ref >= 0) this.#free(made[ref]);
        }
      }
    } catch (error) {
      for (const [ref, tensor] of made.entries()) if ((uses.get(ref) ?? 0) > 0) this.#free(tensor);
      throw error;
    }
    return results.map((result) => made[result]).filter((tensor) => tensor !== undefined);
  }

  #free(tensor: MadeTensor | undefined): void {
    if (tensor !== undefined) this.#native.deleteTensor(tensor.id);
  }

  /** From now on every op is run by itself. */
  #giveUp(): void {
    this.#usable = false;
    this.#forget();
  }

  #forget(): void {
    for (const program of this.#loaded) {
      if (program.graph !== undefined) this.#native.deleteSavedModel(program.graph.model);
      program.graph = undefined;
    }
    this.#loaded.clear();
    this.#root = OpNode.root();
    this.#ops = 0;
  }
}
