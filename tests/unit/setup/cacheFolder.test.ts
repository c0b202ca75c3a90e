import { describe, expect, it } from 'vitest';
import { engineEnvironment } from '../../../src-main/host/engineEnvironment.ts';
import { engineProcessEnvironment } from '../../../src-main/setup/engineProcess.mjs';
import { cacheFolder, computeCacheFolder } from '../../../src-main/setup/project.mjs';
import { cacheDirectory, computeCacheDirectory } from '../../../src-main/util/paths.ts';

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
    expect(computeCacheFolder(environment, platform)).toBe(computeCacheDirectory(environment, platform));
  });
});

// A command line and an app with different places for compiled kernels would each wait for the compiler.
describe('the cache of kernels that CUDA compiles', () => {
  it.each(['engine of the app', 'command line'])(
    'lies in the app’s cache for the %s, with room for all of them',
    (whose) => {
      const environment = whose === 'command line' ? engineProcessEnvironment : environmentOfApp;
      expect(environment({ SARA_CACHE: '/chosen' })).toMatchObject({
        CUDA_CACHE_PATH: computeCacheDirectory({ SARA_CACHE: '/chosen' }),
        // The largest size that the driver takes.
        CUDA_CACHE_MAXSIZE: String(2 ** 32),
      });
      const own = { CUDA_CACHE_PATH: '/mine', CUDA_CACHE_MAXSIZE: '1' };
      expect(environment(own), 'what the person has set').toMatchObject(own);
    },
  );

  function environmentOfApp(own: Record<string, string>): Record<string, string> {
    return engineEnvironment(own, 0);
  }
});
