export interface Notice {
  readonly id: number;
  readonly tone: 'neutral' | 'success' | 'danger';
  readonly title: string;
  readonly body?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** Short messages at the corner of the window, read out by screen readers. Failures stay until they are dismissed. */
export class Notices {
  list = $state.raw<readonly Notice[]>([]);
  #next = 1;
  readonly #after: (milliseconds: number, run: () => void) => void;

  /** @param after runs something later; `setTimeout` in the window */
  constructor(after: (milliseconds: number, run: () => void) => void = (ms, run) => void setTimeout(run, ms)) {
    this.#after = after;
  }

  push(notice: Omit<Notice, 'id'>): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-3), { ...notice, id }];
    if (notice.tone !== 'danger') this.#after(8000, () => this.dismiss(id));
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}
