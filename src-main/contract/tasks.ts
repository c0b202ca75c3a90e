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

/** What is known of a task without its rows. */
export interface TaskFacts {
  /** As papers write it, e.g. `ARC-e`. */
  readonly title: string;
  readonly kind: 'numbers' | 'choices' | 'text';
  /** Ways to judge, the usual one first. */
  readonly scorings: readonly [TaskScoring, ...TaskScoring[]];
  /** How a row must look. */
  readonly format: string;
  /** File of the sample that comes with the app, below `resources/samples`; without one the person gives a file. */
  readonly sample?: string;
}

export const taskFacts: Readonly<Record<TaskName, TaskFacts>> = {
  gsm8k: numbers('GSM8K', 'gsm8k/valid.jsonl'),
  svamp: numbers('SVAMP', 'tasks/svamp.json'),
  aqua: {
    title: 'AQuA',
    kind: 'choices',
    scorings: ['generation'],
    format: '{"instruction", "answer"}, the instruction with “Answer Choices: (A) … (E) …”, the answer a letter',
  },
  addsub: numbers('AddSub'),
  multiarith: numbers('MultiArith'),
  singleeq: numbers('SingleEq'),
  boolq: choices('BoolQ', 'true/false', 'tasks/boolq.json'),
  piqa: choices('PIQA', 'solution1/solution2'),
  siqa: choices('SIQA', 'answer1/answer2/answer3'),
  winogrande: choices('WinoGrande', 'option1/option2'),
  hellaswag: choices('HellaSwag', 'ending1/ending2/ending3/ending4'),
  'arc-e': choices('ARC-e', 'answer1/answer2/…', 'tasks/arc-e.json'),
  'arc-c': choices('ARC-c', 'answer1/answer2/…', 'tasks/arc-c.json'),
  obqa: choices('OBQA', 'answer1/answer2/answer3/answer4'),
  e2e: {
    title: 'E2E',
    kind: 'text',
    scorings: ['generation'],
    format: '{"mr", "ref"} or {"mr", "refs"}, or a CSV file with the columns mr and ref',
    sample: 'e2e/valid.jsonl',
  },
};

function numbers(title: string, sample?: string): TaskFacts {
  const format =
    '{"instruction", "answer"} or {"question", "answer"}, the answer a number or a text that ends in #### and the number';
  return { title, kind: 'numbers', scorings: ['generation'], format, ...(sample === undefined ? {} : { sample }) };
}

function choices(title: string, names: string, sample?: string): TaskFacts {
  const format = `{"instruction", "answer"}, the instruction ending in “Answer format: ${names}”`;
  return {
    title,
    kind: 'choices',
    scorings: ['generation', 'likelihood'],
    format,
    ...(sample === undefined ? {} : { sample }),
  };
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
