import type { MeasuredRate } from '../contract/speed.ts';
import type { OperationEvent, OperationInput, OperationName, OperationOutput } from '../contract/engine.ts';

/** One option of a command, as `node:util` parseArgs and the help text need it. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** Name of the value in the help text, e.g. `FILE`. */
  readonly value?: string;
  readonly description: string;
  readonly multiple?: boolean;
}

export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Where a command writes: results to stdout, everything else to stderr. */
export interface CommandOutput {
  readonly json: boolean;
  /** One line of the result: to stdout. */
  line(text: string): void;
  /** A piece of a text that comes bit by bit: to stdout as it is; nothing with --json. */
  piece(text: string): void;
  /** One JSON value on one line of stdout. */
  value(value: unknown): void;
  /** Progress on stderr: redrawn in place on a terminal, now and then a line elsewhere; nothing with --json. */
  progress(text: string, fraction?: number): void;
  /** Asks the person on the terminal; undefined where there is none to ask, and with --json. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  /** A remark on stderr; also shown with --json. */
  note(text: string): void;
}

export interface CommandCall {
  readonly positionals: readonly string[];
  readonly options: OptionValues;
  readonly output: CommandOutput;
  /** Asks for something that must not be seen; empty when there is no answer. */
  secret(question: string): Promise<string>;
  /** Measures the speed with so many threads, in a process of its own. */
  rateWith(threads: number): Promise<MeasuredRate>;
  /** Runs an operation of the engine in this process until it ends or the person interrupts it. */
  run<N extends OperationName>(
    name: N,
    input: OperationInput<N>,
    emit?: (event: OperationEvent<N>) => void,
  ): Promise<OperationOutput<N>>;
}

export interface Command {
  readonly name: string;
  /** Positional arguments in the usage line, e.g. `MODEL`. */
  readonly usage: string;
  readonly positionals: number;
  /** Whether more of them may follow. */
  readonly morePositionals?: true;
  readonly summary: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Lines printed under the options in --help. */
  readonly notes?: readonly string[];
  run(call: CommandCall): Promise<void>;
}
