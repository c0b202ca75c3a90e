import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';

/** Gives every test of the file an empty cache of its own, and the tests' variables back after each; tells its folder. */
export function temporaryCache(): () => string {
  let cache = '';
  beforeEach(() => {
    cache = mkdtempSync(path.join(os.tmpdir(), 'sara-cache-'));
    vi.stubEnv('SARA_CACHE', cache);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true });
  });
  return () => cache;
}
