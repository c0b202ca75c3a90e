import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PathGrants } from '../../../src-main/app/pathGrants.ts';

let root: string;
const at = (...parts: string[]): string => path.join(root, ...parts);

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'sara-grants-'));
  for (const folder of ['models/llama', 'models-secret', 'private']) mkdirSync(at(folder), { recursive: true });
  writeFileSync(at('models/llama/config.json'), '{}');
  writeFileSync(at('private/key'), 'secret');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function isGranted(grants: PathGrants, target: string): Promise<boolean> {
  return grants.assertGranted(target).then(
    () => true,
    (error: unknown) => {
      expect(error).toMatchObject({ code: 'FORBIDDEN' });
      return false;
    },
  );
}

describe('PathGrants', () => {
  it('grants nothing before anything was chosen', async () => {
    const grants = new PathGrants();
    for (const target of [at('models'), '/', root]) expect(await isGranted(grants, target)).toBe(false);
  });

  it('grants a chosen folder with everything in it, also what is yet to be made, and a chosen file alone', async () => {
    const grants = new PathGrants();
    await grants.grant(at('models'));
    await grants.grant(at('private/key'));
    expect(await isGranted(grants, at('models'))).toBe(true);
    expect(await isGranted(grants, at('models/llama/config.json'))).toBe(true);
    expect(await isGranted(grants, at('models/new/deeper/file'))).toBe(true);
    expect(await isGranted(grants, at('private/key'))).toBe(true);
    expect(await isGranted(grants, at('private'))).toBe(false);
    expect(await isGranted(grants, at('private/key2'))).toBe(false);
  });

  it('is not fooled by dots, by a neighbour with the same beginning, by a relative path or a null byte', async () => {
    const grants = new PathGrants();
    await grants.grant(at('models'));
    for (const target of [
      `${at('models')}/../private/key`,
      `${at('models')}/llama/../../private`,
      at('models-secret'),
      'models/llama',
      `${at('models')}/a\0b`,
      '',
    ]) {
      expect(await isGranted(grants, target)).toBe(false);
    }
    // Names that only begin with two dots lie inside.
    expect(await isGranted(grants, at('models/..config'))).toBe(true);
  });

  it.skipIf(process.platform === 'win32')(
    'follows links, so that one inside a granted folder does not lead out',
    async () => {
      symlinkSync(at('private'), at('models/link'));
      const grants = new PathGrants();
      await grants.grant(at('models'));
      expect(await isGranted(grants, at('models/link/key'))).toBe(false);
      expect(await isGranted(grants, at('models/link/not-there-yet'))).toBe(false);
    },
  );

  it.skipIf(process.platform === 'win32')('grants what a chosen link leads to, by either name', async () => {
    symlinkSync(at('models/llama'), at('chosen'));
    const grants = new PathGrants();
    await grants.grant(at('chosen'));
    expect(await isGranted(grants, at('chosen/config.json'))).toBe(true);
    expect(await isGranted(grants, at('models/llama/config.json'))).toBe(true);
    expect(await isGranted(grants, at('models'))).toBe(false);
  });
});
