import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** The window over the fake bridge, built as the real window is, so that the content security policy holds. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  logLevel: 'warn',
  plugins: [svelte()],
  build: {
    target: 'chrome114',
    outDir: join(import.meta.dirname, '..', '..', '..', 'out', 'harness'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
});
