import type { Column, Comparison, KeptAnswer } from '../../src-main/contract/comparison.schema.ts';
import type { HeldOutRow } from '../../src-main/contract/data.ts';
import type { ChatMessage } from '../../src-main/contract/model.ts';
import type { ComparisonSummary, RouteInput } from '../../src-main/contract/routes.ts';
import { AppFailure, toFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import { Debounced } from './debounced.ts';
import type { JobsState } from './jobs.svelte.ts';
import { Resource } from './resource.svelte.ts';

export const mostColumns = 4;

export interface ChatColumn extends Omit<Column, 'name'> {
  /** False for a model without a chat template: each question stands alone. */
  readonly hasTemplate: boolean;
}

export interface Answer {
  readonly text: string;
  readonly state: 'waiting' | 'writing' | 'done' | 'stopped' | 'failed';
  /** While it waits for a GPU that is prepared: which op of how many. */
  readonly preparing?: { readonly op: number; readonly total: number };
  readonly tokensPerSecond?: number | undefined;
  /** Why it ended by itself. */
  readonly ended?: KeptAnswer['ended'] | undefined;
  readonly failure?: AppFailure | undefined;
  readonly rating?: 'up' | 'down' | undefined;
  readonly note?: string | undefined;
}

/** A question and what each column answers. */
export class Turn {
  readonly question: string;
  /** The answer that the data has, for a question taken from it. */
  readonly expected: string | undefined;
  /** Set for a question without what was said before: the conversation that it ends. */
  readonly alone: readonly ChatMessage[] | undefined;
  answers = $state.raw<readonly (Answer | undefined)[]>([]);

  constructor(question: string, { expected, alone }: Pick<Partial<Turn>, 'expected' | 'alone'> = {}) {
    this.question = question;
    this.expected = expected;
    this.alone = alone;
  }

  change(column: number, change: Partial<Answer>): void {
    const before = this.answers[column];
    if (before) this.answers = this.answers.map((answer, i) => (i === column ? { ...before, ...change } : answer));
  }

  begin(columns: number): void {
    this.answers = Array.from({ length: columns }, () => ({ text: '', state: 'waiting' }));
  }
}

export type ChatOptions = Comparison['options'];

const saveDelay = 500;

/** A conversation held with up to four models side by side, each with its own answers as its history; kept on disk. */
export class ChatState {
  columns = $state.raw<readonly ChatColumn[]>([]);
  systemPrompt = $state('');
  options = $state<ChatOptions>({ temperature: 0, topP: 1, maxNewTokens: 128, stop: [], seed: 0 });
  turns = $state.raw<readonly Turn[]>([]);
  busy = $state(false);
  /** Answers of a set of questions that are there, and that are to come. */
  batch = $state.raw<{ readonly done: number; readonly total: number }>();
  /** Conversations that are kept. */
  readonly kept = new Resource<readonly ComparisonSummary[]>();
  /** Name of this one on disk, once it is there. */
  id = $state<string>();
  /** What stands over each column; given by the view, which knows the words. */
  names: (columns: readonly ChatColumn[]) => readonly string[] = (columns) => columns.map(({ target }) => target);
  #jobId: string | undefined;
  #stopAsked = false;
  readonly #client: Client;
  readonly #jobs: JobsState;
  readonly #save: Debounced;
  readonly #onfailure: (error: unknown) => void;

  constructor(client: Client, jobs: JobsState, onfailure: (error: unknown) => void = () => undefined) {
    this.#client = client;
    this.#jobs = jobs;
    this.#onfailure = onfailure;
    this.#save = new Debounced(saveDelay, () => void this.#saveNow());
  }

  /** False where some column answers each question by itself. */
  get hasTemplate(): boolean {
    return this.columns.every((column) => column.hasTemplate);
  }

  /** The run that questions from the data are taken of. */
  get run(): string | undefined {
    return this.columns.find(({ use }) => use !== 'model')?.target;
  }

  /** Talks to a run beside its base model, or to a model; the conversation starts anew when these are others. */
  choose(target: string, { isRun, hasTemplate }: { isRun: boolean; hasTemplate: boolean }): void {
    const uses = isRun ? (['base', 'best'] as const) : (['model'] as const);
    this.setColumns(uses.map((use) => ({ target, use, hasTemplate })));
  }

  /** Takes other columns; answers belong to their columns, so that the conversation starts anew. */
  setColumns(columns: readonly ChatColumn[]): void {
    const same = (a: ChatColumn | undefined, b: ChatColumn): boolean => a?.target === b.target && a.use === b.use;
    if (columns.length !== this.columns.length || !columns.every((one, i) => same(this.columns[i], one))) this.clear();
    this.columns = columns.slice(0, mostColumns);
  }

  /** Begins a new conversation; the old one stays on disk. */
  clear(): void {
    void this.stop();
    this.#save.flush();
    this.turns = [];
    this.id = undefined;
  }

  /** Asks every column, one after the other: the engine computes one thing at a time. */
  async send(question: string): Promise<void> {
    if (question.trim() === '') return;
    await this.#ask([new Turn(question)]);
  }

  /** Asks rows of the data, each by itself, a column after the other: a model is loaded once. */
  async sendRows(rows: readonly HeldOutRow[]): Promise<void> {
    const turns = rows.map(
      ({ question, messages, answer }) =>
        new Turn(question, { expected: answer, alone: messages ?? [{ role: 'user', content: question }] }),
    );
    await this.#ask(turns, true);
  }

  /** Ends the answer that is being written and those still to come. */
  async stop(): Promise<void> {
    if (!this.busy) return;
    this.#stopAsked = true;
    if (this.#jobId !== undefined) await this.#jobs.control(this.#jobId, 'cancel');
  }

  /** What the person thinks of an answer. */
  judge(turn: Turn, column: number, judgement: Pick<Answer, 'rating' | 'note'>): void {
    turn.change(column, judgement);
    this.#save.call();
  }

  /** What one column has heard and said up to and with a turn's question. */
  messagesFor(column: number, upTo: Turn): ChatMessage[] {
    const system: ChatMessage[] = this.systemPrompt === '' ? [] : [{ role: 'system', content: this.systemPrompt }];
    if (upTo.alone !== undefined) {
      return upTo.alone.some(({ role }) => role === 'system') ? [...upTo.alone] : [...system, ...upTo.alone];
    }
    const messages = system;
    for (const turn of this.turns) {
      if (turn.alone !== undefined) continue;
      messages.push({ role: 'user', content: turn.question });
      if (turn === upTo) break;
      const answer = turn.answers[column];
      if (answer && answer.text !== '') messages.push({ role: 'assistant', content: answer.text });
    }
    return messages;
  }

  /** The conversation as it is kept and exported; `now` is when. */
  snapshot(now: string = new Date().toISOString()): Comparison {
    const names = this.names(this.columns);
    return {
      version: 1,
      name: (this.turns[0]?.question ?? '').slice(0, 120),
      savedAt: now,
      columns: this.columns.map(({ target, use }, i) => ({ target, use, name: names[i] ?? '' })),
      options: { ...this.options, stop: [...this.options.stop] },
      systemPrompt: this.systemPrompt,
      turns: this.turns.map(({ question, expected, alone, answers }) => ({
        question,
        ...(expected === undefined ? {} : { expected }),
        ...(alone === undefined ? {} : { alone: true, messages: [...alone] }),
        answers: answers.map((answer) => (answer === undefined ? null : keptAnswer(answer))),
      })),
    };
  }

  async listKept(): Promise<void> {
    await this.kept.load(async () => this.#client.call('comparisons.list', {}), { keep: true });
  }

  /**
   * Goes on with a conversation that was kept.
   * @param hasTemplate whether the model of a column has a chat template
   */
  async open(id: string, hasTemplate: (column: Column) => Promise<boolean>): Promise<void> {
    this.clear();
    const comparison = await this.#client.call('comparisons.open', { id });
    const columns = await Promise.all(
      comparison.columns.map(async (column): Promise<ChatColumn> => {
        return { target: column.target, use: column.use, hasTemplate: await hasTemplate(column) };
      }),
    );
    this.columns = columns;
    this.options = comparison.options;
    this.systemPrompt = comparison.systemPrompt;
    this.turns = comparison.turns.map((kept) => {
      const alone = kept.alone === true ? (kept.messages ?? [{ role: 'user', content: kept.question }]) : undefined;
      const turn = new Turn(kept.question, { expected: kept.expected, alone });
      turn.answers = columns.map((_, i) => openedAnswer(kept.answers[i]));
      return turn;
    });
    this.id = id;
  }

  /** Takes this conversation off the disk. */
  async forget(): Promise<void> {
    const { id } = this;
    this.#save.cancel();
    this.id = undefined;
    this.clear();
    if (id !== undefined) await this.#client.call('comparisons.delete', { id });
    await this.listKept();
  }

  /** Saves now what waits to be saved. */
  flush(): void {
    this.#save.flush();
  }

  async #ask(turns: readonly Turn[], asBatch = false): Promise<void> {
    const columns = this.columns;
    if (columns.length === 0 || this.busy || turns.length === 0) return;
    for (const turn of turns) turn.begin(columns.length);
    this.turns = [...this.turns, ...turns];
    this.busy = true;
    this.#stopAsked = false;
    const total = turns.length * columns.length;
    let done = 0;
    if (asBatch) this.batch = { done, total };
    try {
      for (const [i, column] of columns.entries()) {
        for (const turn of turns) {
          if (this.#stops()) turn.change(i, { state: 'stopped' });
          else await this.#answer(column, i, turn);
          done += 1;
          if (asBatch) this.batch = { done, total };
        }
      }
    } finally {
      this.busy = false;
      this.batch = undefined;
      this.#save.call();
    }
  }

  #stops(): boolean {
    return this.#stopAsked;
  }

  async #answer(column: ChatColumn, i: number, turn: Turn): Promise<void> {
    let stopFollowing: (() => void) | undefined;
    try {
      const jobId = await this.#jobs.start('generate.run', {
        model: column.target,
        ...(column.hasTemplate ? { messages: this.messagesFor(i, turn) } : { prompt: turn.question }),
        ...adapterOf(column.use),
        ...this.options,
        stop: [...this.options.stop],
      });
      this.#jobId = jobId;
      stopFollowing = this.#jobs.follow<'generate.run'>(jobId, (event) => {
        if ('phase' in event) turn.change(i, { preparing: { op: event.done, total: event.total } });
        else turn.change(i, { state: 'writing', text: (turn.answers[i]?.text ?? '') + event.text });
      });
      if (this.#stops()) void this.#jobs.control(jobId, 'cancel');
      const { text, tokensPerSecond, stopped } = await this.#jobs.finished<'generate.run'>(jobId);
      turn.change(i, { text, state: 'done', tokensPerSecond, ended: stopped });
    } catch (error) {
      const failure = toFailure(error);
      turn.change(i, failure.cancelled ? { state: 'stopped' } : { state: 'failed', failure });
    } finally {
      stopFollowing?.();
      this.#jobId = undefined;
    }
  }

  async #saveNow(): Promise<void> {
    if (this.turns.length === 0) return;
    this.id ??= crypto.randomUUID();
    try {
      await this.#client.call('comparisons.save', { id: this.id, comparison: this.snapshot() });
      await this.listKept();
    } catch (error) {
      this.#onfailure(error);
    }
  }
}

type AdapterChoice = Pick<
  Extract<RouteInput<'jobs.start'>, { kind: 'generate.run' }>['input'],
  'base' | 'checkpoint' | 'step'
>;

/** Which adapter of a run answers, as the engine is asked for it. */
function adapterOf(use: Column['use']): AdapterChoice {
  if (typeof use === 'number') return { step: use };
  if (use === 'model') return {};
  return use === 'base' ? { base: true } : { checkpoint: use };
}

function keptAnswer({ text, state, ended, tokensPerSecond, failure, rating, note }: Answer): KeptAnswer {
  return {
    text,
    // What is still being written is kept as far as it came.
    state: state === 'waiting' || state === 'writing' ? 'stopped' : state,
    ...(ended === undefined ? {} : { ended }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    ...(failure === undefined ? {} : { error: failure.message }),
    ...(rating === undefined ? {} : { rating }),
    ...(note === undefined || note === '' ? {} : { note }),
  };
}

function openedAnswer(kept: KeptAnswer | null | undefined): Answer | undefined {
  if (kept === null || kept === undefined) return undefined;
  const { error, ...answer } = kept;
  return error === undefined ? answer : { ...answer, failure: new AppFailure({ code: 'INTERNAL', message: error }) };
}
