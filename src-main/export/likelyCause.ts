import type { ExportCheck } from '../contract/results.ts';
import type { StoredType } from '../models/types.ts';
import { isQuantised } from './exportChecks.ts';

/** Why checks of written files may have failed, one clause: the first thing that explains the others. */
export function likelyCause(checks: readonly ExportCheck[], type: StoredType): string {
  const failed = (...names: readonly string[]): boolean =>
    checks.some(({ name, passed }) => !passed && names.includes(name));
  if (failed('Tensors, shapes and types', 'Files as written')) {
    return 'the files are not those that were written: the drive may be faulty, or another program changed them';
  }
  if (failed('Relative error of the weights')) {
    return 'values changed on their way to the drive, or these weights do not fit the type; try f32';
  }
  if (failed('Same tokens', 'End tokens')) {
    return 'the tokenizer of the written files reads text differently from the base model’s';
  }
  if (isQuantised(type)) return 'this model is sensitive to rounding; choose a type with more bits';
  if (type !== 'F32') return 'this model is sensitive to rounding; choose f32';
  return 'the written configuration describes another computation than the base model’s; report this with export_report.json of a working format';
}
