import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { ExportCheck, VerifyResult } from '../contract/results.ts';
import type { StoredType } from '../models/types.ts';
import { throwIfCancelled } from '../util/appError.ts';
import { answersOf } from './answers.ts';
import { weightBound } from './exportBounds.ts';
import { tensorCheck } from './exportChecks.ts';
import type { ExportSource, Probe } from './exportPlan.ts';
import { findReport, type FoundReport } from './exportReport.ts';
import { freezeAsReported } from './frozenGates.ts';
import { likelyCause } from './likelyCause.ts';
import { openExport, recogniseExport, type ExportPlace } from './openExport.ts';
import { prove } from './prove.ts';
import { tensorList } from './tensorList.ts';

/**
 * Compares an export on the disk with the run or model it should have been made from: as after writing, from the files
 * alone, and against the report beside it where there is one.
 * @throws AppError as opening the files does
 */
export async function verifyExport(
  source: ExportSource,
  path: string,
  probe: Probe,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const place = await recogniseExport(path);
  const isFile = path === place.path && /\.gguf$/i.test(path);
  const found = await findReport(path, isFile);
  freezeAsReported(source, path, place.format, found?.report);
  const type = found?.report.type ?? (await loosestType(source, place, signal));
  const checks: ExportCheck[] = [];
  if (found !== undefined) {
    checks.push(await fileCheck(found, signal), tensorCheck(found.report.tensors, await tensorList(path)));
  }
  const reference = await answersOf(source.kernels, source.model, source.adapters, probe, signal);
  const proof = await prove(source, place, type, reference, probe, signal);
  checks.push(...proof.checks);
  const passed = checks.every((check) => check.passed);
  return {
    path,
    format: place.format,
    type,
    passed,
    ...(passed ? {} : { likelyCause: likelyCause(checks, type) }),
    ...proof.comparison,
    checks,
  };
}

/** Where no report says what the weights were written in: the type with the widest bound among theirs. */
async function loosestType(source: ExportSource, place: ExportPlace, signal: AbortSignal): Promise<StoredType> {
  let types: readonly string[];
  if (place.format === 'hf' || place.format === 'gguf' || place.format === 'ollama') {
    const opened = await openExport(place, source.model, source.kernels, signal);
    types = opened.model.summary.dtypes;
    await opened.close();
  } else {
    const list = await tensorList(place.path);
    types = [...list.values()].map(({ type }) => type);
  }
  // Names that are no type of ours get the strictest bound.
  const known = types as readonly StoredType[];
  return known.reduce((a, b) => (weightBound(b) > weightBound(a) ? b : a), 'F32');
}

async function fileCheck({ folder, report }: FoundReport, signal: AbortSignal): Promise<ExportCheck> {
  for (const file of report.files) {
    throwIfCancelled(signal);
    const found = await hashOf(join(folder, file.name));
    if (found !== file.sha256) {
      const value = `${file.name} ${found === undefined ? 'is missing' : 'differs'}`;
      return { name: 'Files as written', passed: false, value, bound: 'all' };
    }
  }
  return { name: 'Files as written', passed: true, value: `${report.files.length} files`, bound: 'all' };
}

async function hashOf(file: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
