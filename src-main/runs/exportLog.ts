/** `exports.jsonl` of a run folder: what was written from the run, and where; one JSON object a line, appended. */
import { appendFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { EarlierExport, ExportRecord } from '../contract/exports.ts';
import { mostRunFileBytes, readTextAtMost } from '../util/readAtMost.ts';
import { exportRecordSchema } from './exportRecord.schema.ts';

const logName = 'exports.jsonl';

/** Adds a line. A run folder that cannot be written costs the list its entry, not the export its success. */
export async function noteExport(run: string, record: ExportRecord): Promise<void> {
  await appendFile(path.join(run, logName), `${JSON.stringify(record)}\n`).catch(() => undefined);
}

/** The exports of a run, the newest first; of several to one place the last. Lines that are damaged are left out. */
export async function readExports(run: string): Promise<EarlierExport[]> {
  const text = await readTextAtMost(path.join(run, logName), mostRunFileBytes).catch(() => '');
  const byPlace = new Map<string, ExportRecord>();
  for (const line of text.split('\n')) {
    const record = parse(line);
    if (record === undefined) continue;
    byPlace.delete(record.out);
    byPlace.set(record.out, record);
  }
  return Promise.all(
    [...byPlace.values()].reverse().map(async (record) => ({
      ...record,
      there: await stat(record.out).then(
        () => true,
        () => false,
      ),
    })),
  );
}

function parse(line: string): ExportRecord | undefined {
  try {
    return exportRecordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
