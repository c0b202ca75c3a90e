/** `targets.json`: the clusters of this person. Tokens are kept elsewhere. */
import { readFile } from 'node:fs/promises';
import { targetListSchema, type Target } from '../contract/targets.schema.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { validate } from '../util/validate.ts';

/** The targets of a file; none where it does not exist. @throws AppError SETTINGS_INVALID when it is damaged */
export async function readTargets(file: string): Promise<Target[]> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new AppError('SETTINGS_INVALID', `${file} is not valid JSON; mend or delete it.`, { cause: error });
  }
  return validate(targetListSchema, content, file).targets;
}

/** Adds a target, or replaces the one of its name. @throws AppError as {@link readTargets}; NOT_WRITABLE, DISK_FULL */
export async function saveTarget(file: string, target: Target): Promise<Target[]> {
  const others = (await readTargets(file)).filter(({ name }) => name !== target.name);
  return writeTargets(file, [...others, target]);
}

export async function removeTarget(file: string, name: string): Promise<Target[]> {
  return writeTargets(
    file,
    (await readTargets(file)).filter((target) => target.name !== name),
  );
}

/** @throws AppError SETTINGS_INVALID for a name that is not in the list */
export function targetNamed(targets: readonly Target[], name: string): Target {
  const found = targets.find((target) => target.name === name);
  if (found !== undefined) return found;
  const names = targets.map((target) => target.name).join(', ');
  throw new AppError(
    'SETTINGS_INVALID',
    `There is no target ${name}; ${names === '' ? 'add one with sara targets add' : `the targets are ${names}`}.`,
  );
}

async function writeTargets(file: string, targets: Target[]): Promise<Target[]> {
  await writeFileAtomic(file, `${JSON.stringify({ version: 1, targets }, null, 2)}\n`);
  return targets;
}
