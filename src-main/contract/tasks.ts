/** Evaluation on a named task: which tasks there are, and what an evaluation gives back. No zod, no Node. */
import type { TemplateChoice } from './data.ts';

/** Every task, in the order it is offered. */
export const taskNames = [
  'gsm8k',
  'svamp',
  'aqua',
  'addsub',
  'multiarith',
  'singleeq',
  'boolq',
  'piqa',
  'siqa',
  'winogrande',
  'hellaswag',
  'arc-e',
  'arc-c',
  'obqa',
  'e2e',
] as const;
export type TaskName = (typeof taskNames)[number];

/**
 * How an answer is judged. `generation`: the model writes an answer greedily and the answer is found in its text.
 * `likelihood`: of the possible answers the one to which the model gives the highest probability counts.
 */
export type TaskScoring = 'generation' | 'likelihood';

/** `trained`: as the rows of the run; `chat` and `plain`: as in training; `alpaca`: the frame of LLM-Adapters. */
export type TaskPrompt = TemplateChoice | 'alpaca';

/** What the window needs to offer a task; plain data of the registry. */
export interface TaskSummary {
  readonly name: TaskName;
  /** As papers write it, e.g. `ARC-e`. */
  readonly title: string;
  readonly kind: 'numbers' | 'choices' | 'text';
  /** Ways to judge, the usual one first. */
  readonly scorings: readonly TaskScoring[];
  /** One sentence: how a row must look. */
  readonly format: string;
  /** A sample comes with the app, so no file has to be given. */
  readonly sample: boolean;
}

export interface TaskAnswer {
  /** As {@link RowProblem} counts it. */
  readonly row: number;
  readonly prompt: string;
  /** What the model wrote; with `likelihood` the possible answer it prefers. */
  readonly text: string;
  /** What was found in it; undefined when nothing was. */
  readonly answer?: string;
  /** The right answer, or every reference text. */
  readonly wanted: readonly string[];
  /** Undefined for generated texts, which are judged by metrics over all rows. */
  readonly correct?: boolean;
}

/** Share of right answers with the 95 % interval of Wilson (1927). */
export interface Accuracy {
  readonly correct: number;
  readonly total: number;
  /** 0 … 1 */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Metrics of generated texts, as the E2E challenge reports them; what each is exactly stands in docs/evaluation.md. */
export interface TextMetrics {
  /** 0 … 100 */
  readonly bleu: number;
  readonly nist: number;
  /** 0 … 1 */
  readonly meteor: number;
  /** 0 … 1 */
  readonly 'rouge-l': number;
  /** 0 … 10 */
  readonly cider: number;
}

/** Rows of the task that the model has been trained on. */
export interface Contamination {
  /** Rows of the task whose question occurs among the training rows of the run; undefined when they are not known. */
  readonly rowsSeen?: number;
  /** One sentence: what is known. */
  readonly note: string;
}

export interface TaskResult {
  readonly task: TaskName;
  readonly title: string;
  readonly model: string;
  readonly data: string;
  /** sha256 of the data file. */
  readonly dataHash: string;
  readonly rows: number;
  readonly scoring: TaskScoring;
  /** One sentence: how an answer is found and judged. */
  readonly rule: string;
  readonly accuracy?: Accuracy;
  readonly metrics?: TextMetrics;
  /** Rows in whose text no answer was found; they count as wrong. */
  readonly unanswered?: number;
  readonly settings: {
    readonly prompt: TaskPrompt;
    readonly systemPrompt?: string;
    readonly maxNewTokens: number;
    readonly batchSize: number;
    readonly temperature: 0;
    /** Draws the rows when there are more than wanted; decoding is greedy and needs none. */
    readonly seed: number;
  };
  /** Present when rows have been trained on, or the task is known to share rows with common training files. */
  readonly contamination?: Contamination;
  /** File with every row's prompt, text, answer and verdict, one JSON object a line. */
  readonly answersFile?: string;
  /** The first answers, right and wrong ones among them where there are both. */
  readonly examples: readonly TaskAnswer[];
  readonly seconds: number;
}
