import { describe, expect, it } from 'vitest';
import { cacheFolder } from '../../../src-main/setup/project.mjs';
import { cacheDirectory } from '../../../src-main/util/paths.ts';

// Set-up runs before anything is compiled, so it has the rule of the cache folder a second time: a difference would
// have the app fetch again what set-up brought.
describe('the cache folder of set-up', () => {
  const cases = [
    { environment: {}, platform: 'linux' },
    { environment: { XDG_CACHE_HOME: '/somewhere' }, platform: 'linux' },
    { environment: { XDG_CACHE_HOME: 'relative' }, platform: 'linux' },
    { environment: { SARA_CACHE: '/chosen', XDG_CACHE_HOME: '/somewhere' }, platform: 'linux' },
    { environment: { SARA_CACHE: '' }, platform: 'linux' },
    { environment: {}, platform: 'darwin' },
    { environment: { LOCALAPPDATA: '/local' }, platform: 'win32' },
    { environment: {}, platform: 'win32' },
  ] as const;
  it.each(cases)('is the app’s own on $platform with $environment', ({ environment, platform }) => {
    expect(cacheFolder(environment, platform)).toBe(cacheDirectory(environment, platform));
  });
});
