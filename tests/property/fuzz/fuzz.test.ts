// A short piece of `npm run fuzz`, and every input that once made a fault.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formatNames, formatOf } from '../../fuzz/formats.ts';
import { inputOf, Trials } from '../../fuzz/trial.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const regressions = path.join(root, 'tests', 'fuzz', 'regressions');
// In memory where the system has such a place: thousands of small files.
const folder = mkdtempSync(path.join(process.platform === 'linux' ? '/dev/shm' : tmpdir(), 'sara-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Regression {
  readonly format: string;
  /** What it did. */
  readonly fault: string;
  /** Contents in base64 by name. */
  readonly files: Readonly<Record<string, string>>;
}

const stored = readdirSync(regressions).map((name) => ({
  name,
  ...(JSON.parse(readFileSync(path.join(regressions, name), 'utf8')) as Regression),
}));
/** Not those of the long campaigns, which begin at 1. */
const [firstSeed, inputs] = [10_000_000, 200];
/** Seconds of processor time: what ends here within the campaign's bound ends within this on slow and busy computers. */
const patience = 3;

describe.each(formatNames)('%s', (name) => {
  it('from a stranger is read or refused with a code, in bounded time and memory, within its folder', async () => {
    const format = await formatOf(name, root);
    const trials = new Trials(format, path.join(folder, name), patience);
    const faults: string[] = [];
    for (let seed = firstSeed; seed < firstSeed + inputs; seed++) {
      const { fault } = await trials.run(inputOf(format, seed));
      if (fault !== undefined) faults.push(`seed ${String(seed)}: ${fault}`);
    }
    expect(faults).toEqual([]);
  });

  it.each(stored.filter(({ format }) => format === name))('that once failed is read or refused: $name', async (one) => {
    const trials = new Trials(await formatOf(name, root), path.join(folder, `${name} again`), patience);
    const files = Object.entries(one.files).map(([file, content]) => [file, Buffer.from(content, 'base64')] as const);
    expect((await trials.run(Object.fromEntries(files))).fault).toBeUndefined();
  });
});

it('the input of a seed is always the same one', async () => {
  for (const name of formatNames) {
    const format = await formatOf(name, root);
    if (name !== 'run') expect(inputOf(format, 7)).toEqual(inputOf(format, 7));
  }
});

it('an error without a code, a path outside and a slow input are faults', async () => {
  const use = {
    broken: () => Promise.reject(new TypeError('x')),
    slow: () => Promise.resolve(spin()),
    fine: () => Promise.resolve(),
  };
  const faultOf = async (how: keyof typeof use): Promise<string> => {
    const format = { name: how, sound: {}, make: () => ({}), use: use[how] };
    return (await new Trials(format, path.join(folder, how)).run({ a: 'b' })).fault ?? '';
  };
  expect(await faultOf('broken')).toContain('without a code');
  expect(await faultOf('slow')).toContain('processor time');
  expect(await faultOf('fine')).toBe('');
  const outside = {
    name: 'outside',
    sound: {},
    make: () => ({}),
    use: async () => {
      await readFile('/etc/hostname', 'utf8').catch(() => '');
    },
  };
  expect((await new Trials(outside, path.join(folder, 'outside')).run({})).fault).toContain('the folder was left');
});

function spin(): void {
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < 1_200_000);
}
