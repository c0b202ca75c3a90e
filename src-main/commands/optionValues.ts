import type { z } from 'zod';
import { AppError } from '../util/appError.ts';
import type { OptionValues } from './command.ts';

/** The value of a string option, or undefined. */
export function text(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** All values of an option that may be given several times. */
export function texts(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

/** Whether a switch is set. */
export function flag(options: OptionValues, name: string): boolean {
  return options[name] === true;
}

/**
 * The value of a numeric option, or undefined.
 * @throws AppError USAGE when it is not a number
 */
export function number(options: OptionValues, name: string): number | undefined {
  const value = text(options, name);
  if (value === undefined) return undefined;
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed)) {
    throw new AppError('USAGE', `--${name} needs a number, not "${value}".`);
  }
  return parsed;
}

/**
 * Numbers separated by commas, or undefined.
 * @throws AppError USAGE
 */
export function numbers(options: OptionValues, name: string): number[] | undefined {
  return text(options, name)
    ?.split(',')
    .map((part) => {
      const parsed = Number(part);
      if (part.trim() === '' || !Number.isFinite(parsed)) {
        throw new AppError('USAGE', `--${name} needs numbers separated by commas, not "${part}".`);
      }
      return parsed;
    });
}

/** `all`, or module names separated by commas. */
export function targets(options: OptionValues): 'all' | string[] | undefined {
  const value = text(options, 'targets');
  if (value === undefined || value === 'all') return value;
  return value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * Whole numbers and spans of them separated by commas, such as `0,4-6`.
 * @throws AppError USAGE
 */
export function wholeNumbers(options: OptionValues, name: string): number[] | undefined {
  return text(options, name)
    ?.split(',')
    .flatMap((part) => {
      const [, first, last] = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(part) ?? [];
      const from = Number(first);
      const count = last === undefined ? 1 : Number(last) - from + 1;
      if (first === undefined || count < 1 || count > 10_000) {
        throw new AppError('USAGE', `--${name} needs whole numbers such as 0,4-6, not "${part}".`);
      }
      return Array.from({ length: count }, (_, i) => from + i);
    });
}

/**
 * Validates the input that options were turned into.
 * @param names for each path in the input (`data.path`) the option that sets it, so that the message names what was typed
 * @throws AppError USAGE naming the option and the reason
 */
export function validated<S extends z.ZodType>(
  schema: S,
  input: unknown,
  names: Readonly<Record<string, string>> = {},
): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  throw new AppError('USAGE', `${names[path] ?? (path || 'The input')}: ${issue?.message ?? 'not valid'}.`);
}

/** The object without its undefined entries, so that defaults of a schema apply. */
export function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
