import { parseArgs } from 'node:util';
import { errorTable, exitCodes } from '../contract/errors.ts';
import { AppError, toErrorShape } from '../util/appError.ts';
import type { RowProblem } from '../contract/data.ts';
import type { Operations } from '../contract/engine.ts';
import type { Command, CommandCall, CommandOutput, OptionSpec } from './command.ts';
import { commands } from './commandTable.ts';

const commonOptions: Readonly<Record<string, OptionSpec>> = {
  json: { type: 'boolean', description: 'Write JSON alone to stdout.' },
  help: { type: 'boolean', description: 'Show this help.' },
};

export interface CommandLine {
  /** Makes the output once it is known whether --json was given. */
  openOutput(json: boolean): CommandOutput & { end(): void };
  /** Made only for commands that run; --help and usage errors load nothing. */
  openOperations(): { readonly operations: Operations; close(): Promise<void> };
  readonly secret: CommandCall['secret'];
  readonly rateWith: (threads: number, signal: AbortSignal) => ReturnType<CommandCall['rateWith']>;
  readonly version: string;
}

/**
 * Runs one command line and gives its exit code (see `contract/errors.ts`). Errors go to stderr as one sentence with
 * their code.
 * @param args arguments after the program’s name
 */
export async function runCommandLine(args: readonly string[], line: CommandLine, signal: AbortSignal): Promise<number> {
  const json = args.includes('--json');
  const output = line.openOutput(json);
  try {
    return await dispatch(args, line, output, signal);
  } catch (error) {
    const shape = toErrorShape(error);
    output.end();
    output.note(`${shape.message} [${shape.code}]`);
    for (const { row, reason } of rowProblems(shape.details)) output.note(`  row ${row}: ${reason}`);
    return errorTable[shape.code].exit;
  } finally {
    output.end();
  }
}

async function dispatch(
  args: readonly string[],
  line: CommandLine,
  output: CommandOutput,
  signal: AbortSignal,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === 'help') {
    output.line(overview());
    return name === undefined ? exitCodes.usage : exitCodes.done;
  }
  if (name === '--version') {
    output.line(line.version);
    return exitCodes.done;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command)
    throw new AppError(
      'USAGE',
      `There is no command "${name}"; the commands are ${commands.map((c) => c.name).join(', ')}.`,
    );
  const parsed = parse(command, rest);
  if (parsed.values['help'] === true) {
    output.line(helpOf(command));
    return exitCodes.done;
  }
  const { length } = parsed.positionals;
  if (length < command.positionals || (length > command.positionals && command.morePositionals !== true)) {
    throw new AppError('USAGE', `Usage: sara ${command.name} ${command.usage}. Run sara ${command.name} --help.`);
  }
  const engine = line.openOperations();
  const run: CommandCall['run'] = async (operation, input, emit = () => undefined) =>
    engine.operations[operation](input, { signal, emit, takeControls: () => [] });
  try {
    const { positionals, values: options } = parsed;
    const rateWith: CommandCall['rateWith'] = async (threads) => line.rateWith(threads, signal);
    await command.run({ positionals, options, output, secret: line.secret, rateWith, run });
  } finally {
    await engine.close();
  }
  return exitCodes.done;
}

/** The bad rows that came with an error about data. */
function rowProblems(details: unknown): readonly RowProblem[] {
  if (typeof details !== 'object' || details === null || !('problems' in details)) return [];
  return Array.isArray(details.problems) ? (details.problems as readonly RowProblem[]) : [];
}

function parse(
  command: Command,
  args: readonly string[],
): { values: Record<string, string | boolean | string[] | undefined>; positionals: string[] } {
  const options = { ...command.options, ...commonOptions };
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, spec]) => [
          name,
          { type: spec.type, ...(spec.multiple === true ? { multiple: true } : {}) },
        ]),
      ),
    });
    return { values: values as Record<string, string | boolean | string[] | undefined>, positionals };
  } catch (error) {
    throw new AppError(
      'USAGE',
      `${error instanceof Error ? error.message : String(error)}. Run sara ${command.name} --help.`,
      { cause: error },
    );
  }
}

function overview(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    'Usage: sara COMMAND [options]',
    '',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'sara COMMAND --help shows a command’s options. MODEL is a Hugging Face folder or a GGUF file.',
    'Exit codes: 0 done, 2 usage, 3 bad input, 4 environment, 130 cancelled.',
  ].join('\n');
}

function helpOf(command: Command): string {
  const rows = Object.entries({ ...command.options, ...commonOptions }).map(
    ([name, spec]) => [`--${name}${spec.value === undefined ? '' : ` ${spec.value}`}`, spec.description] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `Usage: sara ${command.name} ${command.usage}`.trimEnd(),
    '',
    command.summary,
    '',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    ...(command.notes === undefined ? [] : ['', ...command.notes]),
  ].join('\n');
}
