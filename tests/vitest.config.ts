import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    globalSetup: './setup/sampleModel.ts',
    // The TensorFlow addon is loaded once a process; forks keep a crash from taking the other files with it.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    env: {
      TF_ENABLE_ONEDNN_OPTS: '1',
      TF_CPP_MIN_LOG_LEVEL: '2',
      TF_NUM_INTRAOP_THREADS: '1',
      TF_NUM_INTEROP_THREADS: '1',
      OMP_NUM_THREADS: '1',
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['unit/**/*.test.ts', 'golden/**/*.test.ts', 'property/**/*.test.ts', 'integration/**/*.test.ts'],
          exclude: ['**/*.svelte.test.ts'],
          environment: 'node',
        },
      },
      {
        // State of the window (`*.svelte.test.ts`), compiled and resolved as its bundle is: the server build of Svelte does not react.
        extends: true,
        plugins: [svelte({ configFile: false })],
        environments: { client: { resolve: { conditions: ['browser', 'module', 'development'] } } },
        test: {
          name: 'window',
          include: ['unit/renderer/**/*.svelte.test.ts'],
          environment: './support/windowEnvironment.ts',
          server: { deps: { inline: ['svelte'] } },
        },
      },
    ],
  },
});
