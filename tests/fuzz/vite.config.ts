import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { defineConfig } from 'vite';

/** Fuzzing, as programs for plain Node. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  logLevel: 'warn',
  build: {
    target: 'node20',
    ssr: true,
    outDir: join(import.meta.dirname, '..', '..', 'out', 'fuzz'),
    emptyOutDir: true,
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: { fuzz: join(import.meta.dirname, 'fuzz.ts'), worker: join(import.meta.dirname, 'worker.ts') },
      external: [...builtinModules, /^node:/],
      output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' },
    },
  },
  ssr: { noExternal: true, target: 'node' },
});
