import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aloneInCache, makeWholeFolder } from '../../../src-main/setup/wholeFolder.mjs';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'sara-cache-'));
  vi.stubEnv('SARA_CACHE', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

/** The id of a process that is no more. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('a folder of the cache', () => {
  it('appears whole', async () => {
    const folder = await makeWholeFolder('part', async (temporary) => writeFileSync(join(temporary, 'file'), 'new'));
    expect(folder).toBe(join(cache, 'part'));
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('new');
    expect(readdirSync(cache)).toEqual(['part']);
  });

  it('stays as it was when filling the new one fails, and nothing else is left', async () => {
    await makeWholeFolder('part', async (temporary) => writeFileSync(join(temporary, 'file'), 'old'));
    const failing = makeWholeFolder('part', async (temporary) => {
      writeFileSync(join(temporary, 'file'), 'half');
      throw new Error('connection lost');
    });
    await expect(failing).rejects.toThrow('connection lost');
    expect(readFileSync(join(cache, 'part', 'file'), 'utf8')).toBe('old');
    expect(readdirSync(cache)).toEqual(['part']);
  });
});

describe('the lock of the cache', () => {
  it('lets one set-up work after the other', async () => {
    const order: string[] = [];
    const first = aloneInCache(async () => {
      order.push('first begins');
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push('first ends');
    });
    const second = aloneInCache(async () => order.push('second'));
    await Promise.all([first, second]);
    expect(order).toEqual(['first begins', 'first ends', 'second']);
  });

  it('is given back when the work fails', async () => {
    await expect(aloneInCache(() => Promise.reject(new Error('no space')))).rejects.toThrow('no space');
    expect(await aloneInCache(async () => 'done')).toBe('done');
  });

  it('is taken over from a process that was killed, and what that one left half done is removed', async () => {
    const pid = deadProcess();
    writeFileSync(join(cache, 'setup.lock'), String(pid));
    writeFileSync(join(cache, `unfinished-${pid}-abc`), '');
    expect(await aloneInCache(async () => readdirSync(cache))).toEqual(['setup.lock']);
    expect(existsSync(join(cache, 'setup.lock'))).toBe(false);
  });

  it('leaves alone what a living process is filling', async () => {
    const name = `unfinished-${process.pid}-abc`;
    writeFileSync(join(cache, name), '');
    expect(await aloneInCache(async () => readdirSync(cache))).toContain(name);
  });
});
