/**
 * Models of Ollama: `manifests/<registry>/<namespace>/<model>/<tag>` name layers, of which one is the GGUF file
 * `blobs/sha256-<hash>`. Source: ollama, docs/import.mdx and types/model/name.go.
 */
import path from 'node:path';
import { systemClock } from '../../util/clock.ts';
import { isJsonObject, readOptionalJsonObject } from '../jsonFile.ts';
import { SearchBudget } from './budget.ts';
import type { Candidate } from './candidate.ts';

const modelLayer = 'application/vnd.ollama.image.model';
/** Manifests have about 1 kB. */
const mostManifestBytes = 2 ** 18;
const manifestDepth = 4;

/** @param folder `models` of Ollama */
export async function ollamaModels(folder: string, budget: SearchBudget): Promise<Candidate[]> {
  const root = path.join(folder, 'manifests');
  const found = new Map<string, string[]>();
  for (const manifest of await filesAtDepth(root, manifestDepth, budget)) {
    const digest = await modelDigest(manifest);
    if (digest === undefined) continue;
    const blob = path.join(folder, 'blobs', digest.replace(':', '-'));
    found.set(blob, [...(found.get(blob) ?? []), nameOf(path.relative(root, manifest))]);
  }
  return [...found].map(([blob, names]) => ({ place: 'ollama', path: blob, name: names.join(', ') }));
}

/** What Ollama calls the model of a blob; undefined for any other file. */
export async function ollamaName(file: string, signal: AbortSignal): Promise<string | undefined> {
  if (!/^sha256-[0-9a-f]{64}$/.test(path.basename(file))) return undefined;
  const models = await ollamaModels(path.join(path.dirname(file), '..'), new SearchBudget(signal, systemClock));
  return models.find((model) => path.basename(model.path) === path.basename(file))?.name.split(', ')[0];
}

async function filesAtDepth(folder: string, depth: number, budget: SearchBudget): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await budget.list(folder)) {
    if (depth === 1) files.push(...(entry.isFolder ? [] : [entry.path]));
    else if (entry.isFolder) files.push(...(await filesAtDepth(entry.path, depth - 1, budget)));
  }
  return files;
}

async function modelDigest(manifest: string): Promise<string | undefined> {
  const content = await readOptionalJsonObject(manifest, mostManifestBytes).catch(() => undefined);
  const layers: unknown = content?.['layers'];
  if (!Array.isArray(layers)) return undefined;
  const layer: unknown = layers.find((entry) => isJsonObject(entry) && entry['mediaType'] === modelLayer);
  const digest = isJsonObject(layer) ? layer['digest'] : undefined;
  // Part of a path from here on: nothing but a hash may stand there.
  return typeof digest === 'string' && /^sha256[:-][0-9a-f]{64}$/.test(digest) ? digest : undefined;
}

/** `registry.ollama.ai/library/llama3.2/1b` → `llama3.2:1b`, as `ollama list` shows it. */
function nameOf(relative: string): string {
  const [registry = '', namespace = '', model = '', tag = ''] = relative.split(path.sep);
  const owner = namespace === 'library' ? '' : `${namespace}/`;
  return `${registry === 'registry.ollama.ai' ? '' : `${registry}/`}${owner}${model}:${tag}`;
}
