import { basename, dirname, join } from 'node:path';
import type { ExportedFile, ExportResult } from '../contract/results.ts';
import type { Calibration, FrozenGateLoss } from '../contract/gates.ts';
import { isJsonObject } from '../models/jsonFile.ts';
import { parseJson } from '../util/jsonDepth.ts';
import { readTextAtMost } from '../util/readAtMost.ts';
import type { ExportPlan, ExportSource, PlannedTensor } from './exportPlan.ts';
import { lossOf } from './frozenGates.ts';

export const reportFile = 'export_report.json';

/** A hundred thousand tensors with what was measured of each. */
const mostReportBytes = 64 * 2 ** 20;

/** Where the report of an export lies: in its folder, or beside a single GGUF file under that file’s name. */
export function reportPath(out: string): string {
  return /\.gguf$/i.test(out)
    ? join(dirname(out), basename(out).replace(/\.gguf$/i, `.${reportFile}`))
    : join(out, reportFile);
}

/** `export_report.json`: what was written, from what, and how it compared. */
export function exportReport(source: ExportSource, plan: ExportPlan, result: ExportResult): string {
  const { out: _place, ...proof } = result;
  const { run, model } = source;
  const report = {
    format: plan.format,
    type: plan.type,
    appVersion: source.appVersion,
    base: { name: model.summary.name, family: model.summary.family, ...(run ? { sha256: run.record.model.hash } : {}) },
    ...(run ? { run: { id: run.record.id, name: run.record.name, step: run.step } } : {}),
    ...proof,
    ...(source.frozenGates === undefined ? {} : { frozenGates: reportedGates(source.frozenGates) }),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function reportedGates(calibration: Calibration): FrozenGateLoss & { readonly means: FrozenMeans } {
  const means = Object.fromEntries(calibration.matrices.map(({ name, mean }) => [name, mean]));
  return { ...lossOf(calibration), means };
}

/** The constants in the place of the gates, by module path. */
type FrozenMeans = Readonly<Record<string, readonly number[]>>;

/** What an earlier report says about the files beside it. */
export interface EarlierReport {
  readonly type: PlannedTensor['type'];
  readonly files: readonly ExportedFile[];
  readonly tensors: readonly PlannedTensor[];
  readonly frozenGates?: { readonly means: FrozenMeans };
}

/** An earlier report and the folder that its files lie in. */
export interface FoundReport {
  readonly folder: string;
  readonly report: EarlierReport;
}

/**
 * The report of an export: of a folder the one in it, of a GGUF file the one beside it under its name, else that of the
 * folder it was written into. Undefined when there is none that can be used.
 * @param isFile whether `path` is one file
 */
export async function findReport(path: string, isFile: boolean): Promise<FoundReport | undefined> {
  const folder = isFile ? dirname(path) : path;
  const own = await readReport(reportPath(path));
  if (own !== undefined) return { folder, report: own };
  const whole = isFile ? await readReport(join(folder, reportFile)) : undefined;
  const files = whole?.files.filter(({ name }) => name === basename(path)) ?? [];
  return whole === undefined || files.length === 0 ? undefined : { folder, report: { ...whole, files } };
}

async function readReport(place: string): Promise<EarlierReport | undefined> {
  let report: unknown;
  try {
    report = parseJson(await readTextAtMost(place, mostReportBytes));
  } catch {
    // Exports of other programs have none; the comparison of the model does not need it.
    return undefined;
  }
  if (!isJsonObject(report)) return undefined;
  const { type, files, tensors, frozenGates } = report;
  if (typeof type !== 'string' || !Array.isArray(files) || !Array.isArray(tensors)) return undefined;
  return {
    type: type as PlannedTensor['type'],
    files: files as ExportedFile[],
    tensors: tensors as PlannedTensor[],
    ...(isJsonObject(frozenGates) && isJsonObject(frozenGates['means'])
      ? { frozenGates: { means: frozenGates['means'] as FrozenMeans } }
      : {}),
  };
}
