import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerPage } from '../../../src-main/app/pageServer.ts';

let folder: string;
let root: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sara-pages-'));
  root = path.join(folder, 'renderer');
  mkdirSync(path.join(root, 'assets'), { recursive: true });
  writeFileSync(path.join(root, 'index.html'), '<!doctype html>');
  writeFileSync(path.join(root, 'assets', 'a b.js'), 'export {}');
  writeFileSync(path.join(root, 'notes.txt'), 'not a page');
  writeFileSync(path.join(folder, 'secret.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const status = async (address: string, method = 'GET'): Promise<number> =>
  (await answerPage(method, address, root)).status;

describe('answerPage', () => {
  it('serves the page and its files with their types', async () => {
    const page = await answerPage('GET', 'app://sara/', root);
    expect(page.headers['Content-Type']).toBe('text/html; charset=utf-8');
    expect(Buffer.from(page.body ?? []).toString()).toBe('<!doctype html>');
    const script = await answerPage('GET', 'app://sara/assets/a%20b.js?v=1', root);
    expect(script).toMatchObject({ status: 200, headers: { 'Content-Type': 'text/javascript; charset=utf-8' } });
  });

  it('allows scripts and styles of its own origin alone, and isolates the page', async () => {
    const { headers } = await answerPage('GET', 'app://sara/index.html', root);
    const policy = headers['Content-Security-Policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('*');
    expect(headers).toMatchObject({
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
  });

  it('gives the page in the look of the moment, and nothing else changed', async () => {
    const source = readFileSync(path.join(import.meta.dirname, '..', '..', '..', 'src-renderer', 'index.html'), 'utf8');
    writeFileSync(path.join(root, 'look.html'), source);
    const page = await answerPage('GET', 'app://sara/look.html', root, { theme: 'dark', contrast: 'high' });
    const text = Buffer.from(page.body ?? []).toString();
    expect(text).toContain('<html lang="en" data-theme="dark" data-contrast="high">');
    expect(text.replace('"dark"', '"light"').replace('"high"', '"normal"')).toBe(source);
  });

  it('does not lead out of its folder', async () => {
    for (const address of [
      'app://sara/..%2fsecret.json',
      'app://sara/assets/..%2f..%2fsecret.json',
      'app://sara/%2e%2e/secret.json',
      'app://sara//etc/passwd',
      'app://sara/%00',
      'app://sara/%',
    ]) {
      expect(await status(address), address).not.toBe(200);
    }
  });

  it('refuses other hosts, other methods and files that belong to no page', async () => {
    expect(await status('app://other/index.html')).toBe(403);
    expect(await status('https://sara/index.html')).toBe(403);
    expect(await status('app://sara/', 'POST')).toBe(405);
    expect(await status('app://sara/notes.txt')).toBe(404);
    expect(await status('app://sara/missing.js')).toBe(404);
    expect(await status('app://sara/assets')).toBe(404);
  });
});
