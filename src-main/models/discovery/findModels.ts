/** Models that are on this computer already, in the folders of the programs that people use most. Read-only. */
import { realpath, stat } from 'node:fs/promises';
import type { FoundModel, FoundModels } from '../../contract/found.ts';
import { AppError, throwIfCancelled } from '../../util/appError.ts';
import type { Clock } from '../../util/clock.ts';
import { openModel } from '../open.ts';
import { searchLimits, SearchBudget } from './budget.ts';
import type { Candidate } from './candidate.ts';
import { hubCacheModels } from './hubCache.ts';
import { modelsBelow } from './modelFiles.ts';
import { ollamaModels } from './ollama.ts';
import { usualFolders, type UsualFolder } from './usualFolders.ts';

/**
 * Looks through the usual folders, as far as limits of files and time allow, and opens the head of each model: whether it
 * can be trained is told by the same code as in the Model step.
 * @throws AppError CANCELLED
 */
export async function findModels(
  signal: AbortSignal,
  clock: Clock,
  folders: readonly UsualFolder[] = usualFolders(),
): Promise<FoundModels> {
  const budget = new SearchBudget(signal, clock);
  const searched: string[] = [];
  const models: FoundModel[] = [];
  const seen = new Set<string>();
  for (const { place, folder } of folders) {
    const isThere = await stat(folder).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
    if (!isThere) continue;
    searched.push(folder);
    for (const candidate of await candidatesOf({ place, folder }, budget)) {
      const real = await realpath(candidate.path).catch(() => undefined);
      // A manifest may outlive its blob, and two programs may share a file.
      if (real === undefined || seen.has(real)) continue;
      if (budget.spent || models.length >= searchLimits.models) return { models, searched, cut: true };
      seen.add(real);
      models.push(await described(candidate, signal));
    }
  }
  return { models, searched, cut: budget.spent };
}

async function candidatesOf({ place, folder }: UsualFolder, budget: SearchBudget): Promise<Candidate[]> {
  const candidates = await {
    ollama: async () => ollamaModels(folder, budget),
    'hugging-face': async () => hubCacheModels(folder, budget),
    'lm-studio': async () => modelsBelow(folder, place, budget),
    'llama.cpp': async () => modelsBelow(folder, place, budget),
  }[place]();
  return candidates.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function described({ path, name, place }: Candidate, signal: AbortSignal): Promise<FoundModel> {
  throwIfCancelled(signal);
  try {
    const model = await openModel(path, signal);
    await model.close();
    const { format, bytes, family, parameters, dtypes, trainable, reason } = model.summary;
    return {
      path,
      name,
      place,
      format,
      bytes,
      family,
      parameters,
      ...(dtypes[0] === undefined ? {} : { type: dtypes[0] }),
      trainable,
      ...(reason === undefined ? {} : { reason }),
    };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'CANCELLED') throw error;
    const entry = await stat(path);
    const format = entry.isDirectory() ? 'hf' : 'gguf';
    return { path, name, place, format, bytes: entry.size, trainable: false, reason: error.message };
  }
}
