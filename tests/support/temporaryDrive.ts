/** Drives that fill up, are read-only or are taken away: mounted in a mount namespace of their own, as any user may. */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Whether this system lets us mount drives: Linux with user namespaces. */
export function canMountDrives(): boolean {
  return process.platform === 'linux' && spawnSync('unshare', ['-rm', 'true']).status === 0;
}

/** A shell in whose view of the file system drives come and go; everything else is the same for it. */
export class DriveShell {
  readonly #shell: ChildProcessWithoutNullStreams;
  #onLine: (line: string) => void = () => undefined;

  constructor() {
    this.#shell = spawn('unshare', ['-rm', 'sh']);
    createInterface({ input: this.#shell.stdout }).on('line', (line) => this.#onLine(line));
  }

  /** Runs a script and gives its exit code, with what it wrote to stdout and stderr. */
  async run(script: string): Promise<{ readonly code: number; readonly output: string }> {
    const lines: string[] = [];
    const code = new Promise<number>((resolve) => {
      this.#onLine = (line) => {
        const end = /^ended (\d+)$/.exec(line)?.[1];
        if (end === undefined) lines.push(line);
        else resolve(Number(end));
      };
    });
    this.#shell.stdin.write(`{ ${script}\n} 2>&1; echo "ended $?"\n`);
    return { code: await code, output: lines.join('\n') };
  }

  /** What was mounted goes with the shell. */
  close(): void {
    this.#shell.stdin.end();
  }
}
