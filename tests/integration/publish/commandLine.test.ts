/** `sara publish` as a person starts it: where the token comes from, and where it must never be. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hubToken, startUploadHub, type UploadHub } from '../../support/uploadHub.ts';

const cli = path.join(import.meta.dirname, '..', '..', '..', 'out', 'cli', 'cli.cjs');
let folder = '';
let hub: UploadHub;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-publish-'));
  await writeFile(path.join(folder, 'model.gguf'), Buffer.alloc(5_000, 7));
  hub = await startUploadHub();
});
afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true });
});

async function sara(
  parameters: readonly string[],
  { token, input = '' }: { token?: string; input?: string },
): Promise<{ code: number | null; out: string }> {
  const { HF_TOKEN: _own, ...environment } = process.env;
  const child = spawn(process.execPath, [cli, ...parameters], {
    env: { ...environment, HF_ENDPOINT: hub.url, ...(token === undefined ? {} : { HF_TOKEN: token }) },
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (out += data.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out };
}

test('the token is taken from the environment, or from the first line of stdin', async () => {
  const first = await sara(['publish', folder, '--repo', 'one'], { token: hubToken });
  expect(first).toMatchObject({ code: 0, out: expect.stringContaining(`Private: ${hub.url}/mara/one`) });
  const second = await sara(['publish', folder, '--repo', 'team/two', '--public', '--json'], {
    input: `${hubToken}\n`,
  });
  expect(second.code).toBe(0);
  expect(hub.repositories.get('team/two')?.private).toBe(false);
  for (const { out } of [first, second]) expect(out).not.toContain(hubToken);
});

test('without a token nothing is sent; as an argument it is refused and not repeated', async () => {
  const none = await sara(['publish', folder, '--repo', 'one'], {});
  expect(none).toMatchObject({ code: 2, out: expect.stringContaining('HF_TOKEN') });
  const argument = await sara(['publish', folder, '--repo', 'one', '--token', hubToken], {});
  expect(argument.code).toBe(2);
  expect(argument.out).not.toContain(hubToken);
  expect(hub.requests).toEqual([]);
});

test('a token that the hub refuses ends with what to do, and is not repeated', async () => {
  const { code, out } = await sara(['publish', folder, '--repo', 'one'], { token: 'hf_expired' });
  expect(code).toBe(3);
  expect(out).toContain('HUB_REFUSED');
  expect(out).not.toContain('hf_expired');
});
