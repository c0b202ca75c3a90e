import os from 'node:os';
import { expect, test } from 'vitest';
import { busyCores } from '../../../src-main/speed/busyCores.ts';

test('a core at work counts for its share', async () => {
  const end = performance.now() + 400;
  const measuring = busyCores(300);
  while (performance.now() < end);

  expect(await measuring).toBeGreaterThan(0.5 / os.cpus().length);
});
