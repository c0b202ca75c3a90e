import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** What decides whether a measurement still counts. */
export interface ComputerFacts {
  readonly processor: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly engine: string;
}

/** As `tensor/backend.ts` takes them. */
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/** Processor and engine of this computer; loads nothing of the engine. */
export async function thisComputer(): Promise<ComputerFacts> {
  return {
    processor: os.cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: os.availableParallelism(),
    engine: await engineName(),
  };
}

/** Package, version and library, from what set-up has noted beside the addon. */
async function engineName(): Promise<string> {
  const require = createRequire(__filename);
  for (const name of packages) {
    try {
      const file = require.resolve(`${name}/package.json`);
      const { version } = JSON.parse(await readFile(file, 'utf8')) as { readonly version?: unknown };
      return `${name} ${String(version)}${await libraryName(path.dirname(file))}`;
    } catch {
      // It is not installed; the other one may be.
    }
  }
  return 'no engine';
}

/** Version and kind of libtensorflow; empty where set-up has left no note. */
async function libraryName(folder: string): Promise<string> {
  try {
    const note: unknown = JSON.parse(await readFile(path.join(folder, 'deps', 'build.json'), 'utf8'));
    if (typeof note !== 'object' || note === null || !('tensorflow' in note) || !('flavour' in note)) return '';
    return `, TensorFlow ${String(note.tensorflow)} ${String(note.flavour)}`;
  } catch {
    return '';
  }
}

/** Cores without hyper-threads; undefined where the system does not tell. */
export async function physicalCores(): Promise<number | undefined> {
  try {
    if (process.platform === 'linux') return coresIn(await readFile('/proc/cpuinfo', 'utf8'));
    if (process.platform !== 'darwin') return undefined;
    const { stdout } = await promisify(execFile)('/usr/sbin/sysctl', ['-n', 'hw.physicalcpu']);
    return Number.parseInt(stdout, 10) || undefined;
  } catch {
    return undefined;
  }
}

/** Pairs of socket and core in the text of /proc/cpuinfo; undefined where it names none, as on ARM. */
export function coresIn(cpuinfo: string): number | undefined {
  const cores = new Set<string>();
  let socket = '';
  for (const line of cpuinfo.split('\n')) {
    const [name, value = ''] = line.split(':').map((part) => part.trim());
    if (name === 'physical id') socket = value;
    else if (name === 'core id') cores.add(`${socket}/${value}`);
  }
  return cores.size > 0 ? cores.size : undefined;
}
