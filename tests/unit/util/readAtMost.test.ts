import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTextAtMost } from '../../../src-main/util/readAtMost.ts';

const folder = mkdtempSync(join(tmpdir(), 'sara-most-'));
const file = join(folder, 'file');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('files that somebody else may have made', () => {
  it('are read up to the size they may have', async () => {
    writeFileSync(file, 'näh');
    expect(await readTextAtMost(file, 4)).toBe('näh');
  });

  it('are not read beyond it', async () => {
    writeFileSync(file, '');
    truncateSync(file, 3 * 2 ** 40);
    await expect(readTextAtMost(file, 2 ** 20)).rejects.toThrow(
      new RangeError('it has 3145728 MiB, more than the 1 that such a file may have'),
    );
  });
});
