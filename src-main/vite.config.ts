import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** The processes, each with a bundle of its own, and what must never get into that bundle. */
const processes = {
  main: [/^@tensorflow\//, /\/node_modules\/@tensorflow\//, engineFolders()],
  preload: [/^@tensorflow\//, /^node:/, engineFolders()],
  engine: [/^electron$/, /\/node_modules\/electron-updater\//, /\/src-main\/(?:app|ipc|workspace)\//],
  cli: [/^electron$/, /\/node_modules\/electron-updater\//, /\/src-main\/(?:app|ipc|workspace)\//],
} as const satisfies Record<string, readonly RegExp[]>;

type ProcessName = keyof typeof processes;

/** Folders that work with tensors: they belong to the engine process alone. */
function engineFolders(): RegExp {
  return /\/src-main\/(?:tensor|svd|methods|decoder|generation|training|engine|evaluation|studies|sweeps|clusters|export)\//;
}

function isProcess(mode: string): mode is ProcessName {
  return mode in processes;
}

/**
 * Fails the build when a bundle contains what its process must not have. The linter sees only direct imports;
 * this sees everything that was bundled.
 */
function guard(name: ProcessName): Plugin {
  return {
    name: 'sara-process-border',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const present = [...chunk.imports, ...chunk.dynamicImports, ...chunk.moduleIds];
        const forbidden = present.filter((id) => processes[name].some((pattern) => pattern.test(id)));
        if (forbidden.length > 0) this.error(`The ${name} bundle must not contain ${forbidden.join(', ')}.`);
      }
    },
  };
}

/** `vite build --mode main|preload|engine|cli`: one self-contained CommonJS file for one process. */
export default defineConfig(({ mode }) => {
  if (!isProcess(mode)) throw new Error(`No process is called "${mode}".`);
  const root = import.meta.dirname;
  return {
    root,
    publicDir: false,
    logLevel: 'warn',
    plugins: [guard(mode)],
    // The lowest runtime is Electron 25: Node 18.15, and CommonJS entries only.
    build: {
      target: 'node18',
      ssr: join(root, `${mode}.ts`),
      outDir: join(root, '..', 'out', mode),
      emptyOutDir: true,
      minify: false,
      sourcemap: true,
      reportCompressedSize: false,
      rolldownOptions: {
        checks: { bundlerTimings: false },
        external: ['electron', /^@tensorflow\//, /\.node$/, ...builtinModules, /^node:/],
        output: {
          format: 'cjs',
          codeSplitting: false,
          entryFileNames: `${mode}.cjs`,
          // Only `require` can read from inside the packaged archive.
          dynamicImportInCjs: false,
        },
      },
    },
    ssr: { noExternal: true, target: 'node' },
  };
});
