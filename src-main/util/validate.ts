import type { z } from 'zod';
import type { ErrorCode } from '../contract/errors.ts';
import { AppError } from './appError.ts';

/**
 * Parses `value` with a schema, or throws an AppError whose sentence names `what`, the field and the fault.
 * @param what the thing that is wrong, as the beginning of a sentence: `settings.json`, `The request train.run`
 */
export function validate<T>(
  schema: z.ZodType<T>,
  value: unknown,
  what: string,
  code: ErrorCode = 'SETTINGS_INVALID',
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError(code, `${what} is not valid: ${describeIssues(parsed.error)}.`);
}

/** The first three faults of a ZodError in words, `field: fault; field: fault`. */
export function describeIssues(error: z.ZodError): string {
  const words = error.issues.slice(0, 3).map((issue) => {
    const field = issue.path.map(String).join('.');
    const fault = issue.message.replace(/\.$/, '');
    return field === '' ? fault : `${field}: ${fault}`;
  });
  const more = error.issues.length - words.length;
  return more > 0 ? `${words.join('; ')}; and ${more} more` : words.join('; ');
}
