import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFile } from '../../../src-main/app/logFile.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'sara-log-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('LogFile', () => {
  it('keeps an entry one entry, whatever line breaks it holds', () => {
    const log = new LogFile(path.join(folder, 'logs'));
    log.write('warn', 'first\n2026-01-01T00:00:00.000Z error forged');
    const lines = readFileSync(path.join(folder, 'logs', 'main.log'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^\d{4}-.*Z warn {2}first$/),
      '    2026-01-01T00:00:00.000Z error forged',
    ]);
  });

  it('goes on with the log of the last session and stays under its bound', () => {
    new LogFile(folder).write('info', 'from the last session');
    const log = new LogFile(folder);
    const large = 'x'.repeat(1_000_000);
    for (let i = 0; i < 40; i++) log.write('info', large);
    expect(readdirSync(folder).toSorted()).toEqual(['main.1.log', 'main.2.log', 'main.3.log', 'main.log']);
    for (const name of readdirSync(folder)) {
      expect(readFileSync(path.join(folder, name)).length).toBeLessThan(5_100_000);
    }
  });
});
