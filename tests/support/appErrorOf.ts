import { AppError } from '../../src-main/util/appError.ts';

/** The AppError that a promise is rejected with; anything else fails the test. */
export async function appErrorOf(promise: Promise<unknown>): Promise<AppError> {
  const outcome = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (outcome instanceof AppError) return outcome;
  throw new Error(`An AppError was expected, not: ${String(outcome)}`, { cause: outcome });
}
