import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import type { LogLevel } from '../host/protocol.ts';

/** Size at which a log is put aside, and how many of those are kept. */
const mostBytes = 4_000_000;
const kept = 3;

/** The app's log: one line an entry, kept under a bound. Writing at once means that a crash loses nothing. */
export class LogFile {
  readonly folder: string;
  readonly #file: string;
  #bytes: number;

  constructor(folder: string) {
    this.folder = folder;
    this.#file = path.join(folder, 'main.log');
    mkdirSync(folder, { recursive: true });
    this.#bytes = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Adds an entry. Line breaks inside the message become an indent, so that an entry cannot pretend to be another. */
  write(level: LogLevel, message: string): void {
    const line = `${new Date().toISOString()} ${level.padEnd(5)} ${message.replaceAll(/\r?\n/g, '\n    ')}\n`;
    try {
      if (this.#bytes > mostBytes) this.#rotate();
      appendFileSync(this.#file, line);
      this.#bytes += Buffer.byteLength(line);
    } catch {
      // A full disk must not take the app down; there is no other place to say so.
    }
  }

  #rotate(): void {
    for (let number = kept; number > 0; number--) {
      const from = number === 1 ? this.#file : path.join(this.folder, `main.${number - 1}.log`);
      if (statSync(from, { throwIfNoEntry: false })) renameSync(from, path.join(this.folder, `main.${number}.log`));
    }
    this.#bytes = 0;
  }
}
