/** The licence of a model, as far as its files state it. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readTextFile } from './byteFile.ts';

const maxTextBytes = 4 * 2 ** 20;

/** How the first lines of licence texts begin. */
const knownTexts: readonly (readonly [RegExp, string])[] = [
  [/apache license\s+version 2\.0/i, 'apache-2.0'],
  [/mit license|permission is hereby granted, free of charge/i, 'mit'],
  [/bsd 3-clause|redistribution and use in source and binary forms/i, 'bsd-3-clause'],
  [/creative commons attribution 4\.0/i, 'cc-by-4.0'],
  [/llama 3\.\d community license/i, 'llama3 community licence'],
  [/llama 2 community license/i, 'llama2 community licence'],
  [/gemma terms of use/i, 'gemma'],
];

/** From the front matter of README.md, else from a LICENSE file; undefined when neither says. */
export async function findLicence(folder: string): Promise<string | undefined> {
  const readme = await readIfThere(path.join(folder, 'README.md'));
  const front = readme === undefined ? undefined : /^---\r?\n([\s\S]*?)\r?\n---/.exec(readme)?.[1];
  const stated = front === undefined ? undefined : /^license:[ \t]*["']?([^"'\r\n]+?)["']?[ \t]*$/m.exec(front)?.[1];
  if (stated !== undefined) return stated;
  for (const name of await licenceFiles(folder)) {
    const start = (await readIfThere(path.join(folder, name)))?.slice(0, 4000);
    const known = start === undefined ? undefined : knownTexts.find(([pattern]) => pattern.test(start));
    if (known !== undefined) return known[1];
  }
  return undefined;
}

/** Names of licence and notice files in a folder. */
export async function licenceFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^(licen[cs]e|notice|use_policy)(\.(txt|md))?$/i.test(name)).sort();
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readTextFile(file, maxTextBytes);
  } catch {
    // A licence that cannot be read is not known; nothing else depends on it.
    return undefined;
  }
}
