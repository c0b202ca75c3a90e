import type { Environment } from 'vitest/runtime';

/** Compiles what a test imports as the window's bundle is compiled (runes react, `browser` builds), without a DOM. */
const environment: Environment = {
  name: 'window',
  viteEnvironment: 'client',
  setup() {
    return { teardown: () => undefined };
  },
};

export default environment;
