import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FolderKind } from '../contract/routes.ts';

/** Names that only a model's folder has. */
const ofModel = /^(config\.json|.*\.(safetensors|gguf))$/i;
const ofData = /\.(jsonl|ndjson|json|csv|tsv|parquet|txt|md)$/i;
/** Folders within that are looked into for data. */
const deepest = 2;

/** What a dropped path is, by the names in it: a file, or a folder with a model, with data, or with neither. */
export async function folderKind(target: string): Promise<FolderKind> {
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory() !== true) return 'file';
  return kindWithin(target, 0);
}

async function kindWithin(folder: string, depth: number): Promise<'model' | 'data' | 'other'> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  const names = visible.filter((entry) => entry.isFile()).map(({ name }) => name);
  if (names.some((name) => ofModel.test(name))) return 'model';
  if (names.some((name) => ofData.test(name))) return 'data';
  if (depth === deepest) return 'other';
  for (const entry of visible) {
    if (!entry.isDirectory()) continue;
    const kind = await kindWithin(path.join(folder, entry.name), depth + 1);
    if (kind !== 'other') return kind;
  }
  return 'other';
}
