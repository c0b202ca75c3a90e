/** What a diagnostics file takes from this computer. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { PrivateNames } from '../contract/privateText.ts';
import { cacheDirectory, homeDirectory } from './paths.ts';

const shownVariables = /^(?:TF_|OMP_|CUDA_VISIBLE|MALLOC_|SARA_(?!HOME|CACHE|RESOURCES))/;

/** Newest lines of the app's log; none where there is no log. @param most lines */
export async function logTail(folder: string, most: number): Promise<string[]> {
  const text = await readFile(path.join(folder, 'main.log'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-most);
}

/** Names and folders of this computer that are nobody else's business. @param state folder of the app's state */
export function privateNames(program: string, state: string): PrivateNames {
  return {
    user: userName(),
    host: os.hostname(),
    folders: [os.homedir(), homeDirectory(), cacheDirectory(), state, os.tmpdir()],
    program,
  };
}

/** Variables that change what the engine does. */
export function shownEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const shown = Object.entries(environment).filter(([name, value]) => shownVariables.test(name) && value !== undefined);
  return Object.fromEntries(shown.map(([name, value]) => [name, value ?? '']));
}

/** Where the desktop app keeps its state, for programs that run without Electron (app.getPath('userData')). */
export function appStateFolder(environment = process.env, platform = process.platform): string {
  const name = 'SARA Studio';
  const home = os.homedir();
  if (platform === 'win32') return path.join(environment['APPDATA'] ?? path.join(home, 'AppData', 'Roaming'), name);
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', name);
  return path.join(environment['XDG_CONFIG_HOME'] ?? path.join(home, '.config'), name);
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // A user without an entry in the system's list has no name that could be given away.
    return '';
  }
}
