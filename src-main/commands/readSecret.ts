import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/**
 * One line from stdin. On a terminal the question is shown and what is typed is not; from a pipe the first line is taken.
 * Ctrl+C and the end of the input give an empty answer.
 */
export async function readSecret(
  question: string,
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WriteStream = process.stderr,
): Promise<string> {
  const isTerminal = input.isTTY;
  if (isTerminal) output.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: isTerminal });
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => resolve(''));
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    if (isTerminal) output.write('\n');
  }
}
