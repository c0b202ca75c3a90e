import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import type { ChatMessage } from '../../src-main/contract/model.ts';
import type { JobsState } from './jobs.svelte.ts';

export type Side = 'base' | 'tuned';

export interface Answer {
  text: string;
  state: 'waiting' | 'writing' | 'done' | 'stopped' | 'failed';
  tokensPerSecond?: number | undefined;
  /** Why it ended. */
  stopped?: 'end-token' | 'stop-text' | 'length' | undefined;
  failure?: AppFailure | undefined;
}

/** A question and what each side answers. */
export class Turn {
  readonly question: string;
  readonly answers: Record<Side, Answer | undefined> = $state({ base: undefined, tuned: undefined });

  constructor(question: string) {
    this.question = question;
  }
}

export interface ChatOptions {
  temperature: number;
  maxNewTokens: number;
  seed: number;
}

/** A conversation that base and tuned model hold side by side, each with its own answers as its history. */
export class ChatState {
  /** A model or a run. */
  target = $state<string>();
  /** True when the target is a run: then both sides answer. */
  isRun = $state(false);
  /** False for a model without a chat template: each question stands alone. */
  hasTemplate = $state(true);
  systemPrompt = $state('');
  options = $state<ChatOptions>({ temperature: 0, maxNewTokens: 128, seed: 0 });
  turns = $state.raw<readonly Turn[]>([]);
  busy = $state(false);
  #jobId: string | undefined;
  #stopAsked = false;
  readonly #jobs: JobsState;

  constructor(jobs: JobsState) {
    this.#jobs = jobs;
  }

  get sides(): readonly Side[] {
    return this.isRun ? ['base', 'tuned'] : ['base'];
  }

  /** Talks to another model or run; the conversation starts anew. */
  choose(target: string, { isRun, hasTemplate }: { isRun: boolean; hasTemplate: boolean }): void {
    this.hasTemplate = hasTemplate;
    if (target === this.target && isRun === this.isRun) return;
    this.clear();
    this.target = target;
    this.isRun = isRun;
  }

  clear(): void {
    void this.stop();
    this.turns = [];
  }

  /** Asks both sides, one after the other: the engine computes one thing at a time. */
  async send(question: string): Promise<void> {
    const target = this.target;
    if (target === undefined || this.busy || question.trim() === '') return;
    const turn = new Turn(question);
    for (const side of this.sides) turn.answers[side] = { text: '', state: 'waiting' };
    this.turns = [...this.turns, turn];
    this.busy = true;
    this.#stopAsked = false;
    try {
      for (const side of this.sides) {
        if (this.#stops()) this.#settle(turn, side, { state: 'stopped' });
        else await this.#answer(target, turn, side);
      }
    } finally {
      this.busy = false;
    }
  }

  /** Ends the answer that is being written and those still to come. */
  async stop(): Promise<void> {
    if (!this.busy) return;
    this.#stopAsked = true;
    if (this.#jobId !== undefined) await this.#jobs.control(this.#jobId, 'cancel');
  }

  /** What one side has heard and said up to and with a turn's question. */
  messagesFor(side: Side, upTo: Turn): ChatMessage[] {
    const messages: ChatMessage[] = this.systemPrompt === '' ? [] : [{ role: 'system', content: this.systemPrompt }];
    for (const turn of this.turns) {
      messages.push({ role: 'user', content: turn.question });
      if (turn === upTo) break;
      const answer = turn.answers[side];
      if (answer && answer.text !== '') messages.push({ role: 'assistant', content: answer.text });
    }
    return messages;
  }

  /** The conversation as text, both sides under each question. */
  transcript(names: Readonly<Record<Side, string>>): string {
    return this.turns
      .map((turn) => {
        const answers = this.sides.map((side) => `${names[side]}: ${turn.answers[side]?.text ?? ''}`);
        return [`> ${turn.question}`, ...answers].join('\n');
      })
      .join('\n\n');
  }

  #stops(): boolean {
    return this.#stopAsked;
  }

  async #answer(target: string, turn: Turn, side: Side): Promise<void> {
    let stopFollowing: (() => void) | undefined;
    try {
      const jobId = await this.#jobs.start('generate.run', {
        model: target,
        ...(this.hasTemplate ? { messages: this.messagesFor(side, turn) } : { prompt: turn.question }),
        base: this.isRun && side === 'base',
        ...this.options,
      });
      this.#jobId = jobId;
      stopFollowing = this.#jobs.follow<'generate.run'>(jobId, ({ text }) => {
        const answer = turn.answers[side];
        if (answer) turn.answers[side] = { ...answer, state: 'writing', text: answer.text + text };
      });
      if (this.#stops()) void this.#jobs.control(jobId, 'cancel');
      const result = await this.#jobs.finished<'generate.run'>(jobId);
      this.#settle(turn, side, {
        text: result.text,
        state: 'done',
        tokensPerSecond: result.tokensPerSecond,
        stopped: result.stopped,
      });
    } catch (error) {
      const failure = toFailure(error);
      this.#settle(turn, side, failure.cancelled ? { state: 'stopped' } : { state: 'failed', failure });
    } finally {
      stopFollowing?.();
      this.#jobId = undefined;
    }
  }

  #settle(turn: Turn, side: Side, change: Partial<Answer>): void {
    const answer = turn.answers[side];
    if (answer) turn.answers[side] = { ...answer, ...change };
  }
}
