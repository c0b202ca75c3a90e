import javascript from '@eslint/js';
import { defineConfig } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';

/** Folders of src-main that work with tensors. They run in the engine process and in the command line alone. */
const engineSide = [
  'tensor',
  'svd',
  'methods',
  'decoder',
  'generation',
  'training',
  'evaluation',
  'calibration',
  'studies',
  'sweeps',
  'clusters',
  'engine',
  'export',
];

/**
 * Which folders of src-main a folder may import, besides itself and `contract`, `util`. Everything else is refused.
 * The build checks the same borders once more on what it has bundled.
 */
const mayImport = {
  util: [],
  contract: [],
  tensor: [],
  svd: ['tensor'],
  models: [],
  methods: ['svd', 'tensor', 'models'],
  decoder: ['methods', 'svd', 'tensor', 'models'],
  generation: ['decoder', 'methods', 'tensor', 'models', 'data'],
  data: ['models', 'decoder'],
  metrics: [],
  runs: ['models', 'data'],
  evaluation: ['generation', 'decoder', 'methods', 'tensor', 'models', 'data', 'metrics'],
  training: ['evaluation', 'generation', 'decoder', 'methods', 'svd', 'tensor', 'models', 'data', 'metrics', 'runs'],
  export: ['generation', 'decoder', 'methods', 'svd', 'tensor', 'models', 'data', 'metrics', 'runs', 'training'],
  calibration: ['export', 'evaluation', 'generation', 'decoder', 'methods', 'tensor', 'models', 'data'],
  studies: ['training', 'evaluation', 'decoder', 'methods', 'svd', 'tensor', 'models', 'data'],
  sweeps: ['studies', 'training', 'models', 'runs'],
  clusters: ['sweeps', 'studies', 'models', 'data', 'runs'],
  targets: [],
  speed: [],
  samples: ['models', 'data'],
  publish: [],
  engine: [...engineSide, 'models', 'data', 'metrics', 'runs', 'samples', 'publish', 'host', 'speed'],
  commands: ['runs', 'samples', 'targets', 'speed', 'engine'],
  host: ['speed'],
  jobs: ['host'],
  workspace: ['targets', 'runs', 'samples'],
  ipc: ['host', 'speed', 'jobs', 'workspace', 'targets', 'runs', 'samples'],
  app: ['host', 'speed', 'jobs', 'workspace', 'targets', 'ipc', 'runs', 'samples'],
};

const folders = Object.keys(mayImport);

const zones = [
  ...folders.map((folder) => ({
    target: `./src-main/${folder}`,
    from: folders
      .filter(
        (other) => other !== folder && !['contract', 'util'].includes(other) && !mayImport[folder].includes(other),
      )
      .map((other) => `./src-main/${other}`),
    message: `${folder}/ must not import this folder; see "Layers" in ARCHITECTURE.md.`,
  })),
  { target: './src-main/contract', from: './src-main/util', message: 'The contract imports nothing but zod.' },
  { target: './src-main', from: './src-renderer', message: 'The renderer is a program of its own.' },
  { target: './src-main', from: './tests', message: 'The product does not import tests.' },
  { target: './src-renderer', from: './tests', message: 'The product does not import tests.' },
  {
    target: './src-renderer',
    from: './src-main',
    except: ['./contract'],
    message: 'The renderer imports nothing of src-main but contract/.',
  },
].filter(({ from }) => from.length > 0);

/** Refuses packages by name. */
function packagesRefused(...patterns) {
  return ['error', { patterns }];
}

const noElectron = {
  regex: '^electron(-updater)?(/|$)',
  message: 'Only main.ts, preload.ts, app/, ipc/ and host/utilityTransport.ts talk to Electron.',
};
const noTensorFlow = { regex: '^@tensorflow/', message: 'Only tensor/ talks to TensorFlow.' };
const noZod = {
  regex: '^zod(/|$)',
  allowTypeImports: true,
  message: 'Only *.schema.ts files import values of zod; the renderer takes types from them.',
};
const noSchemaValues = {
  regex: '\\.schema\\.ts$',
  allowTypeImports: true,
  message: 'The renderer takes types alone from *.schema.ts: zod does not belong in its bundle.',
};
const noNode = { regex: '^node:', message: 'The window has no Node.' };

export default defineConfig(
  { ignores: ['node_modules/', 'out/', 'release/', 'test-results/', 'tests/golden/fixtures/', '.venv/'] },
  { files: ['**/*.{ts,js,mjs,cjs,svelte}'], extends: [javascript.configs.recommended] },
  {
    files: ['**/*.{ts,svelte,svelte.ts}'],
    extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Numbers in a sentence need no String() around them.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `return this.fail(...)` ends a function that returns nothing just as well as two lines do.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Object types may be either; records as maps have keys that come and go; `async` turns a throw into a rejection.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/require-await': 'off',
      // Interfaces here are kept by closures, which may be taken apart: `({ emit, signal }) => ...`.
      '@typescript-eslint/unbound-method': 'off',
      // With noPropertyAccessFromIndexSignature off, `environment['NAME']` marks a name that no type knows.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.{ts,js,mjs,cjs,svelte,svelte.ts}'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.mjs', '.js', '.svelte'] })] },
    rules: {
      'no-console': 'error',
      'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
      eqeqeq: 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-self-import': 'error',
      'import-x/no-default-export': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
    },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], extends: [svelte.configs.recommended] },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: typescript.parser } },
    rules: {
      'svelte/button-has-type': 'error',
      'svelte/no-unused-props': 'error',
      'import-x/no-default-export': 'off',
      // `void value;` in an effect subscribes it to the value.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Sets and maps made and used inside one derived value need no reactivity of their own.
      'svelte/prefer-svelte-reactivity': 'off',
      // Props are let-bound by the compiler's own convention.
      'prefer-const': 'off',
      'svelte/prefer-const': ['error', { excludedRunes: ['$props', '$state'] }],
    },
  },
  {
    // svelte-check checks the types in markup; the linter's parser does not know those of snippets and each-blocks.
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // Whether an ignored warning occurs is known to the compiler with its options, that is, to svelte-check.
      'svelte/no-unused-svelte-ignore': 'off',
    },
  },
  {
    files: ['**/*.config.{ts,js}', 'tests/setup/*.ts', 'tests/support/*Environment.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
  {
    files: ['src-main/**/*.ts'],
    languageOptions: { globals: globals.node },
    rules: { '@typescript-eslint/no-restricted-imports': packagesRefused(noElectron, noTensorFlow) },
  },
  {
    files: ['src-main/{main,preload}.ts', 'src-main/{app,ipc}/**', 'src-main/host/utilityTransport.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': packagesRefused(noTensorFlow) },
  },
  {
    files: ['src-main/tensor/**'],
    rules: { '@typescript-eslint/no-restricted-imports': packagesRefused(noElectron) },
  },
  {
    files: ['src-main/contract/**'],
    ignores: ['**/*.schema.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': packagesRefused(noElectron, noTensorFlow, noZod, noNode) },
  },
  {
    files: ['src-renderer/**'],
    ignores: ['**/vite.config.ts'],
    languageOptions: { globals: globals.browser },
    rules: {
      '@typescript-eslint/no-restricted-imports': packagesRefused(
        noElectron,
        noTensorFlow,
        noZod,
        noNode,
        noSchemaValues,
      ),
    },
  },
  {
    files: ['tests/**'],
    rules: {
      // Tests say how much they know: `expect(value?.x)` on what a type calls certain, and numbers as they come.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Matchers such as expect.any() are of type any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  { files: ['**/*.{js,mjs,cjs}'], languageOptions: { globals: globals.node } },
  { files: ['**/defaultApp/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
  prettier,
  svelte.configs.prettier,
);
