import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { terminalOutput } from '../../../src-main/commands/terminal.ts';

function opened({ json = false, tty = true }: { readonly json?: boolean; readonly tty?: boolean } = {}) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const answers = Object.assign(new PassThrough(), { isTTY: tty });
  const output = terminalOutput(
    json,
    { write: (text) => stdout.push(text) },
    { write: (text) => stderr.push(text), isTTY: tty },
    () => 0,
    answers,
  );
  return { output, answers, stdout, stderr };
}

test('a text that comes after progress begins on an empty line', () => {
  // Bug: the first words of an answer behind the bar of what came before it.
  const { output, stdout, stderr } = opened();
  output.progress('Preparing the GPU: 12 of 40', 0.3);
  output.piece('Once');
  output.piece(' upon');
  expect(stderr).toEqual([expect.stringMatching(/Preparing the GPU: 12 of 40$/), '\r\x1b[K']);
  expect(stdout).toEqual(['Once', ' upon']);
});

describe('a question on the terminal', () => {
  // Bug caught: anything but a clear yes taken for one, and a merge written that nobody accepted.
  test.each([
    ['y', true],
    ['Yes', true],
    ['', false],
    ['n', false],
    ['yesterday', false],
  ])('is answered by "%s": %s', async (typed, expected) => {
    const { output, answers, stdout, stderr } = opened();
    const answer = output.ask?.('Merge?');
    answers.write(`${typed}\n`);
    expect(await answer).toBe(expected);
    expect(stderr.join('')).toBe('Merge? [y/N] ');
    expect(stdout).toEqual([]);
  });

  test('is a no when the input ends', async () => {
    const { output, answers } = opened();
    const answer = output.ask?.('Merge?');
    answers.end();
    expect(await answer).toBe(false);
  });

  test('cannot be asked without a terminal or with --json', () => {
    expect(opened({ tty: false }).output.ask).toBeUndefined();
    expect(opened({ json: true }).output.ask).toBeUndefined();
  });
});
