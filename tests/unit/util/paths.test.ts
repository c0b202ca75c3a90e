import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheDirectory, homeDirectory } from '../../../src-main/util/paths.ts';

const home = os.homedir();

describe('folders', () => {
  it('are where the person says', () => {
    expect(cacheDirectory({ SARA_CACHE: '/a/b' })).toBe(path.resolve('/a/b'));
    expect(homeDirectory({ SARA_HOME: '/c' })).toBe(path.resolve('/c'));
  });

  it('are else where the platform keeps such things', () => {
    expect(cacheDirectory({}, 'linux')).toBe(path.join(home, '.cache', 'sara-studio'));
    expect(cacheDirectory({ XDG_CACHE_HOME: '/x' }, 'linux')).toBe(path.join('/x', 'sara-studio'));
    expect(cacheDirectory({ XDG_CACHE_HOME: 'relative' }, 'linux')).toBe(path.join(home, '.cache', 'sara-studio'));
    expect(cacheDirectory({ LOCALAPPDATA: '/l' }, 'win32')).toBe(path.join('/l', 'sara-studio', 'Cache'));
    expect(cacheDirectory({}, 'darwin')).toBe(path.join(home, 'Library', 'Caches', 'sara-studio'));
    expect(homeDirectory({ SARA_HOME: '' })).toBe(path.join(home, 'SARA Studio'));
  });
});
