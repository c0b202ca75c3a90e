import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import type { CommandOutput } from './command.ts';

interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Lines of progress are at least this far apart where stderr is not a terminal. */
const quietMilliseconds = 10_000;

/**
 * Output of a command on a terminal or into files: results to stdout, progress and remarks to stderr.
 * @param clock milliseconds, for spacing progress lines
 * @param answers where a person types
 */
export function terminalOutput(
  json: boolean,
  stdout: Stream,
  stderr: Stream,
  clock: () => number,
  answers: Readable & { readonly isTTY?: boolean },
): CommandOutput & { end(): void } {
  let drawn = false;
  let lastLine = -Infinity;
  let lastText = '';
  const clear = (): void => {
    if (drawn) stderr.write('\r\x1b[K');
    drawn = false;
  };
  return {
    json,
    line(text) {
      clear();
      stdout.write(`${text}\n`);
    },
    piece(text) {
      if (json) return;
      clear();
      stdout.write(text);
    },
    value(value) {
      stdout.write(`${JSON.stringify(value)}\n`);
    },
    progress(text, fraction) {
      if (json) return;
      if (stderr.isTTY === true) {
        clear();
        const line = fraction === undefined ? text : `${bar(fraction)} ${text}`;
        stderr.write(line.slice(0, Math.max(20, (stderr.columns ?? 80) - 1)));
        drawn = true;
        return;
      }
      const now = clock();
      if (now - lastLine < quietMilliseconds || text === lastText) return;
      lastLine = now;
      lastText = text;
      stderr.write(
        fraction === undefined ? `${text}\n` : `${String(Math.round(fraction * 100)).padStart(3)} % ${text}\n`,
      );
    },
    ask:
      json || answers.isTTY !== true || stderr.isTTY !== true
        ? undefined
        : async (question) => {
            clear();
            stderr.write(`${question} [y/N] `);
            const lines = createInterface({ input: answers });
            try {
              for await (const line of lines) return /^\s*y(es)?\s*$/i.test(line);
              // The end of the input is a no, too.
              return false;
            } finally {
              lines.close();
            }
          },
    note(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    end: clear,
  };
}

function bar(fraction: number): string {
  const width = 20;
  const filled = Math.round(Math.min(Math.max(fraction, 0), 1) * width);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${String(Math.round(fraction * 100)).padStart(3)} %`;
}

/** A table with a header, numbers aligned to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const numeric = header.map((_, column) => rows.every((row) => /^$|^[-+−]?[\d.,]/.test(row[column] ?? '')));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return numeric[column] === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
