import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { defineConfig } from 'vite';

/** The campaigns, as programs for plain Node. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  logLevel: 'warn',
  build: {
    target: 'node20',
    ssr: true,
    outDir: join(import.meta.dirname, '..', '..', 'out', 'torture'),
    emptyOutDir: true,
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: { torture: join(import.meta.dirname, 'torture.ts') },
      external: [...builtinModules, /^node:/, '@playwright/test'],
      output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' },
    },
  },
  // Playwright is loaded where it is used: it starts programs beside its own files.
  ssr: { noExternal: true, external: ['@playwright/test'], target: 'node' },
});
