import { SvelteMap } from 'svelte/reactivity';
import type { LengthStatistics, PreviewRow, RowMatches } from '../../src-main/contract/data.ts';
import type { DataConfig } from '../../src-main/contract/requests.schema.ts';
import type { AppFailure } from '../bridge/appFailure.ts';
import { toFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import { Debounced } from './debounced.ts';
import { Resource } from './resource.svelte.ts';

const pageSize = 50;
const pagesKept = 40;
const quietMilliseconds = 250;

/** What rows are looked at, with which model and how they are formatted. */
export interface PreviewSubject {
  readonly model: string;
  readonly data: DataConfig;
  readonly sequenceLength: number;
  /** Decides which rows are held out. */
  readonly seed: number;
}

/** Rows of the data as the model sees them, fetched a page at a time where they are looked at; and their lengths. */
export class DataPreviewState {
  readonly lengths = new Resource<LengthStatistics>();
  /** Rows that hold the text searched for; they take the place of all rows in the list. */
  readonly matches = new Resource<RowMatches>();
  searched = $state('');
  total = $state(0);
  failure = $state.raw<AppFailure>();
  selected = $state(0);
  readonly #pages = new SvelteMap<number, readonly PreviewRow[]>();
  readonly #asked = new Set<number>();
  readonly #search = new Debounced(quietMilliseconds, () => this.#searchNow());
  readonly #client: Client;
  #subject: PreviewSubject | undefined;
  #key = '';
  #measured = '';

  constructor(client: Client) {
    this.#client = client;
  }

  /** Looks at something else, or at nothing. Rows stay selected while only their form changes. */
  show(subject: PreviewSubject | undefined): void {
    const key = subject === undefined ? '' : keyOf(subject);
    this.#measure(subject);
    if (key === this.#key) return;
    if (subject?.data.path !== this.#subject?.data.path) {
      this.selected = 0;
      this.total = 0;
      this.search('');
    }
    this.#key = key;
    this.#subject = subject;
    this.failure = undefined;
    this.#pages.clear();
    this.#asked.clear();
    if (subject === undefined) {
      this.total = 0;
      return;
    }
    this.need(this.selected, this.selected);
    if (this.searched !== '') this.#search.call();
  }

  /** Shows the rows that hold a text; all rows again for an empty one. */
  search(text: string): void {
    this.searched = text;
    if (text !== '') this.#search.call();
    else {
      this.#search.cancel();
      this.matches.clear();
    }
  }

  #searchNow(): void {
    const data = this.#subject?.data;
    const text = this.searched;
    if (data === undefined || text === '') return;
    const { path, mapping } = data;
    const request = { path, text, ...(mapping ? { mapping } : {}) };
    void this.matches.load(async () => this.#client.call('data.search', request), { keep: true });
  }

  /** Lengths depend on what a run would use as well: on its rules and on what it holds out. */
  #measure(subject: PreviewSubject | undefined): void {
    const key = subject === undefined ? '' : JSON.stringify(subject);
    if (key === this.#measured) return;
    const keep = subject?.data.path === this.#subject?.data.path;
    this.#measured = key;
    if (subject === undefined) this.lengths.clear();
    else void this.lengths.load(async () => this.#client.call('data.lengths', subject), { keep });
  }

  /** The row at a place of the list; undefined while it is on its way. */
  rowAt(index: number): PreviewRow | undefined {
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }

  /** Fetches the pages that hold the rows from … to (inclusive) unless they are at hand or asked for. */
  need(from: number, to: number): void {
    for (let page = Math.floor(from / pageSize); page <= Math.floor(to / pageSize); page++) {
      if (!this.#asked.has(page)) void this.#fetch(page);
    }
  }

  async retry(): Promise<void> {
    this.failure = undefined;
    this.#asked.clear();
    await Promise.all([this.#fetch(Math.floor(this.selected / pageSize)), this.lengths.reload()]);
  }

  async #fetch(page: number): Promise<void> {
    const subject = this.#subject;
    const key = this.#key;
    if (subject === undefined) return;
    this.#asked.add(page);
    try {
      const answer = await this.#client.call('data.preview', {
        model: subject.model,
        data: subject.data,
        sequenceLength: subject.sequenceLength,
        from: page * pageSize,
        count: pageSize,
      });
      if (key !== this.#key) return;
      this.total = answer.totalRows;
      this.#pages.set(page, answer.rows);
      this.#forgetFarPages(page);
    } catch (error) {
      if (key !== this.#key) return;
      this.#asked.delete(page);
      this.failure = toFailure(error);
    }
  }

  #forgetFarPages(near: number): void {
    const held = [...this.#pages.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const page of held.slice(0, Math.max(0, held.length - pagesKept))) {
      this.#pages.delete(page);
      this.#asked.delete(page);
    }
  }
}

/** Only what changes how rows look: how many are held out does not. */
function keyOf({ model, data, sequenceLength }: PreviewSubject): string {
  const { path, mapping, template, chatTemplate, systemPrompt, completionOnly } = data;
  return JSON.stringify([model, path, mapping, template, chatTemplate, systemPrompt, completionOnly, sequenceLength]);
}
