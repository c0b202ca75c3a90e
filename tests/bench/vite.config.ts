import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { defineConfig } from 'vite';

/** The bench and the process it measures, bundled as the product's own programs are. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  logLevel: 'warn',
  build: {
    target: 'node20',
    ssr: true,
    outDir: join(import.meta.dirname, '..', '..', 'out', 'bench'),
    emptyOutDir: true,
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: {
        bench: join(import.meta.dirname, 'bench.ts'),
        worker: join(import.meta.dirname, 'worker', 'worker.ts'),
      },
      external: [/^@tensorflow\//, /\.node$/, ...builtinModules, /^node:/],
      output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs', dynamicImportInCjs: false },
    },
  },
  ssr: { noExternal: true, target: 'node' },
});
