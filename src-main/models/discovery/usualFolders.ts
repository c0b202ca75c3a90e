/** Where other programs keep the models they have fetched, by their own rules. */
import os from 'node:os';
import path from 'node:path';
import type { FoundPlace } from '../../contract/found.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface UsualFolder {
  readonly place: FoundPlace;
  readonly folder: string;
}

/**
 * Folders to look into, the person's own settings first; most do not exist.
 * Sources: Ollama, docs/faq.mdx ($OLLAMA_MODELS); LM Studio, app/basics/download-model; llama.cpp, common/arg.cpp
 * ($LLAMA_CACHE); huggingface_hub, environment variables ($HF_HUB_CACHE, $HF_HOME).
 */
export function usualFolders(
  environment: Environment = process.env,
  home: string = os.homedir(),
  platform: NodeJS.Platform = process.platform,
): UsualFolder[] {
  const at = (...parts: string[]): string => path.join(home, ...parts);
  const own = (name: string): string | undefined => {
    const value = environment[name];
    return value === undefined || value === '' ? undefined : path.resolve(value);
  };
  const cache = own('XDG_CACHE_HOME') ?? at('.cache');
  const localData = own('LOCALAPPDATA') ?? at('AppData', 'Local');
  const hubHome = own('HF_HOME') ?? path.join(cache, 'huggingface');
  const llamaCache = {
    darwin: at('Library', 'Caches', 'llama.cpp'),
    win32: path.join(localData, 'llama.cpp'),
    other: path.join(cache, 'llama.cpp'),
  }[platform === 'darwin' || platform === 'win32' ? platform : 'other'];
  const folders: [FoundPlace, (string | undefined)[]][] = [
    // The system service of Linux has a home of its own.
    ['ollama', [own('OLLAMA_MODELS'), at('.ollama', 'models'), platform === 'linux' ? ollamaService : undefined]],
    ['lm-studio', [at('.lmstudio', 'models'), at('.cache', 'lm-studio', 'models')]],
    ['llama.cpp', [own('LLAMA_CACHE'), llamaCache]],
    ['hugging-face', [own('HF_HUB_CACHE') ?? own('HUGGINGFACE_HUB_CACHE') ?? path.join(hubHome, 'hub')]],
  ];
  return folders.flatMap(([place, paths]) =>
    [...new Set(paths)].filter((folder) => folder !== undefined).map((folder) => ({ place, folder })),
  );
}

const ollamaService = '/usr/share/ollama/.ollama/models';
