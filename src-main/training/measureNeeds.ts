import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { RunRecord } from '../contract/training.ts';
import type { TrainSession } from './session.ts';

/** What the run has taken up to now, beside what it was expected to take; undefined where nothing was expected. */
export async function measureNeeds({ run, record, progress, peak }: TrainSession): Promise<RunRecord['needs']> {
  const { needs } = record;
  if (needs === undefined) return undefined;
  const measured = {
    // A resumed run goes on in another process.
    memory: Math.max(peak.bytes(), needs.measured?.memory ?? 0),
    seconds: progress.elapsedSeconds,
    disk: await folderBytes(run),
  };
  return { ...needs, measured };
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += await folderBytes(place);
    else if (entry.isFile()) bytes += (await stat(place).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}
