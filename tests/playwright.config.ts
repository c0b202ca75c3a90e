import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

const results = join(import.meta.dirname, '..', 'test-results');

export default defineConfig({
  globalSetup: './setup/sampleModel.ts',
  outputDir: join(results, 'playwright'),
  timeout: 120_000,
  // Each test drives an app with an engine of its own; two at a time would only share the cores.
  workers: 1,
  forbidOnly: process.env['CI'] === 'true',
  reporter: [['list'], ['json']],
  projects: [
    { name: 'e2e', testDir: 'e2e', testMatch: '**/*.test.ts' },
    { name: 'packaged', testDir: 'packaged', testMatch: '**/*.test.ts' },
    // Campaigns of RELIABILITY.md, longer than a test may be.
    { name: 'longrun', testDir: 'longrun', testMatch: 'longRun.ts', timeout: 7_200_000 },
    // Half an hour on SmolLM2: its table is in EXPERIMENTS.md.
    { name: 'methods', testDir: 'methods', testMatch: 'everyMethod.ts', timeout: 7_200_000 },
    // A row of BENCHMARKS.md.
    { name: 'bench-ui', testDir: 'bench/ui', testMatch: 'measureUi.ts', timeout: 1_200_000 },
    // Not a test: makes the pictures of the documents.
    { name: 'screenshots', testDir: 'screenshots', testMatch: 'pictures.ts', timeout: 3_600_000 },
  ],
});
