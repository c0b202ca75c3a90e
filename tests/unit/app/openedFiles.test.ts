import path from 'node:path';
import { expect, test } from 'vitest';
import { OpenedFiles, weightsFileIn } from '../../../src-main/app/openedFiles.ts';

const folder = path.resolve('/home/mara');

test('the file of weights among the arguments is found, whatever else stands there', () => {
  const parameters = ['--user-data-dir=/x/y.gguf', '/app', 'models/My Model.GGUF', '--inspect'];
  expect(weightsFileIn(parameters, folder)).toBe(path.join(folder, 'models', 'My Model.GGUF'));
  expect(weightsFileIn(['/else/a.safetensors'], folder)).toBe(path.resolve('/else/a.safetensors'));
  expect(weightsFileIn(['--demo', 'notes.txt'], folder)).toBeUndefined();
});

// Bug caught: a file named at the start is lost, because the window asks only after its page has loaded.
test('a file waits for the window, is announced to it, and is taken once', () => {
  const files = new OpenedFiles();
  let told = 0;
  files.open('/a.gguf');
  files.announceTo(() => (told += 1));
  expect(files.take()).toBe('/a.gguf');
  expect(files.take()).toBeUndefined();
  files.open(undefined);
  expect(told).toBe(0);
  files.open('/b.gguf');
  files.open('/c.gguf');
  expect(told).toBe(2);
  expect(files.take()).toBe('/c.gguf');
});
