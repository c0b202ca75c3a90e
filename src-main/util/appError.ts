import type { ErrorCode, ErrorShape } from '../contract/errors.ts';

/**
 * The one error that modules throw on purpose. `message` is one sentence that names the file, row or tensor, what is
 * wrong and what to do; `details` holds facts for the interface (plain JSON).
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly details?: unknown; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details;
  }
}

/** The error thrown when an operation's signal is aborted. */
export function cancelled(): AppError {
  return new AppError('CANCELLED', 'Cancelled.');
}

/** Throws {@link cancelled} when the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}

/** How an error crosses a process border. Anything that is not an AppError becomes INTERNAL. */
export function toErrorShape(error: unknown): ErrorShape {
  if (error instanceof AppError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.details === undefined ? {} : { details: error.details }),
    };
  }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** Rebuilds an error that crossed a process border. */
export function fromErrorShape(shape: ErrorShape): AppError {
  return new AppError(shape.code, shape.message, { details: shape.details });
}
