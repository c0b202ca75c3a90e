/** Notes every file that is touched outside the folder of an input. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const watched = [
  'access',
  'appendFile',
  'copyFile',
  'cp',
  'link',
  'lstat',
  'mkdir',
  'open',
  'opendir',
  'readFile',
  'readdir',
  'readlink',
  'realpath',
  'rename',
  'rm',
  'rmdir',
  'stat',
  'symlink',
  'truncate',
  'unlink',
  'writeFile',
] as const;
const watchedOfStreams = [
  'createReadStream',
  'createWriteStream',
  'openSync',
  'readFileSync',
  'existsSync',
  'statSync',
] as const;

type Call = (...parameters: unknown[]) => unknown;

/** The folder of the input at work, and what was touched outside it. */
let watchedFolder: string | undefined;
let left: string[] = [];

/** Begins to watch: everything but this folder is outside. */
export function beginWatching(folder: string): void {
  left = [];
  watchedFolder = path.resolve(folder);
}

/** Ends watching and gives the paths outside. */
export function endWatching(): readonly string[] {
  watchedFolder = undefined;
  return left;
}

function watch(module: Record<string, Call>, names: readonly string[]): void {
  for (const name of names) {
    const original = module[name];
    if (original === undefined) continue;
    module[name] = (...parameters: unknown[]) => {
      note(name, parameters[0]);
      return original.apply(module, parameters);
    };
  }
}

function note(name: string, place: unknown): void {
  if (watchedFolder === undefined) return;
  const text = place instanceof URL ? fileURLToPath(place) : Buffer.isBuffer(place) ? place.toString() : place;
  if (typeof text !== 'string') return;
  const resolved = path.resolve(text);
  // Locks ask the system about processes.
  if (resolved.startsWith('/proc/sys/kernel/') || /^\/proc\/\d+\/stat$/.test(resolved)) return;
  if (resolved === watchedFolder || resolved.startsWith(watchedFolder + path.sep)) return;
  left.push(`${name} ${resolved}`);
}

watch(fs.promises as unknown as Record<string, Call>, watched);
watch(fs as unknown as Record<string, Call>, watchedOfStreams);
syncBuiltinESMExports();
