/** How often something was started on the device from JavaScript: what a step takes besides the kernels themselves. */
export interface KernelStarts {
  /** Ops by themselves, and graphs. */
  readonly starts: number;
  /** All ops, those within graphs too. */
  readonly ops: number;
  readonly graphs: number;
}

/** Counts starts since it was made. */
export class StartCounter {
  #single = 0;
  #inGraphs = 0;
  #graphs = 0;

  op(): void {
    this.#single += 1;
  }

  /** @param ops that it holds */
  graph(ops: number): void {
    this.#graphs += 1;
    this.#inGraphs += ops;
  }

  get counted(): KernelStarts {
    return { starts: this.#single + this.#graphs, ops: this.#single + this.#inGraphs, graphs: this.#graphs };
  }
}

/** What was started between two looks. */
export function startsBetween(before: KernelStarts, after: KernelStarts): KernelStarts {
  return {
    starts: after.starts - before.starts,
    ops: after.ops - before.ops,
    graphs: after.graphs - before.graphs,
  };
}
