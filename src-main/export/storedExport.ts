import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { StoredExport } from '../contract/exports.ts';
import { reportPath } from './exportReport.ts';
import { storedExportSchema } from './storedExport.schema.ts';
import { readJsonObject } from '../models/jsonFile.ts';
import { validate } from '../util/validate.ts';

/** Reports of models with hundreds of thousands of tensors stay below this. */
const mostReportBytes = 64 * 2 ** 20;

/**
 * What an earlier export says of itself. Nothing is computed: hashes are compared by `sara verify`.
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, CONFIG_INVALID
 */
export async function readStoredExport(out: string): Promise<StoredExport> {
  const place = reportPath(out);
  const report = validate(storedExportSchema, await readJsonObject(place, mostReportBytes), place, 'CONFIG_INVALID');
  const folder = dirname(place);
  const changed: string[] = [];
  for (const { name, bytes } of report.files) {
    const size = await stat(join(folder, basename(name))).then(
      (entry) => entry.size,
      () => undefined,
    );
    if (size !== bytes) changed.push(name);
  }
  return { ...report, out, changed };
}
