/** Models in folders of files: those of LM Studio (publisher/model/files) and of llama.cpp (all in one). */
import path from 'node:path';
import type { FoundPlace } from '../../contract/found.ts';
import { searchLimits, type Entry, type SearchBudget } from './budget.ts';
import type { Candidate } from './candidate.ts';

/** GGUF files and Hugging Face folders below a folder. */
export async function modelsBelow(folder: string, place: FoundPlace, budget: SearchBudget): Promise<Candidate[]> {
  return search(folder, searchLimits.depth);

  async function search(at: string, depth: number): Promise<Candidate[]> {
    const entries = await budget.list(at);
    const name = (entry: string): string => path.relative(folder, entry).split(path.sep).join('/');
    if (isModelFolder(entries)) return [{ place, path: at, name: name(at) }];
    const found = entries
      .filter((entry) => !entry.isFolder && isModelFile(entry.name))
      .map((entry) => ({ place, path: entry.path, name: name(entry.path) }));
    for (const entry of entries) {
      if (entry.isFolder && depth > 1) found.push(...(await search(entry.path, depth - 1)));
    }
    return found;
  }
}

/** What Transformers would load: a configuration and weights. */
export function isModelFolder(entries: readonly Pick<Entry, 'name'>[]): boolean {
  const has = (pattern: RegExp): boolean => entries.some(({ name }) => pattern.test(name));
  return has(/^config\.json$/) && has(/\.safetensors$/);
}

/** A GGUF file of a language model: the parts of a split one are told by the first, projectors of images are none. */
export function isModelFile(name: string): boolean {
  if (!/\.gguf$/i.test(name) || /(^|[-_.])mmproj[-_.]/i.test(name)) return false;
  const part = /-(\d{5})-of-\d{5}\.gguf$/i.exec(name)?.[1];
  return part === undefined || part === '00001';
}
