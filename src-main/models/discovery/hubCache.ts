/**
 * The cache of the Hugging Face hub: `models--<namespace>--<name>/snapshots/<commit>/` with links into `blobs/`; the
 * commit of a branch stands in `refs/`. Source: huggingface_hub, docs/source/en/guides/manage-cache.md.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SearchBudget } from './budget.ts';
import type { Candidate } from './candidate.ts';
import { isModelFile, isModelFolder } from './modelFiles.ts';

/** The newest snapshot of each repository: that of `main`, else the last one there is. */
export async function hubCacheModels(folder: string, budget: SearchBudget): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const { name, path: repository, isFolder } of await budget.list(folder)) {
    const id = /^models--(.+)$/.exec(name)?.[1]?.replace('--', '/');
    if (!isFolder || id === undefined) continue;
    const snapshots = await budget.list(path.join(repository, 'snapshots'));
    const main = await readFile(path.join(repository, 'refs', 'main'), 'utf8').catch(() => '');
    const snapshot = snapshots.find((entry) => entry.name === main.trim()) ?? snapshots.at(-1);
    if (snapshot === undefined) continue;
    const entries = await budget.list(snapshot.path);
    if (isModelFolder(entries)) found.push({ place: 'hugging-face', path: snapshot.path, name: id });
    for (const entry of entries.filter((one) => isModelFile(one.name))) {
      found.push({ place: 'hugging-face', path: entry.path, name: `${id}/${entry.name}` });
    }
  }
  return found;
}
