import { readFile } from 'node:fs/promises';
import os from 'node:os';

/**
 * Bytes of memory that a new task can use: on Linux what the kernel calls available (free memory and caches it can
 * drop, proc(5)), elsewhere the free memory.
 */
export async function availableMemory(): Promise<number> {
  if (process.platform !== 'linux') return os.freemem();
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? os.freemem() : Number(kibibytes) * 1024;
}
