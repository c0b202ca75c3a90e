import type { ErrorCode, ErrorShape } from '../../src-main/contract/errors.ts';
import { errorTable } from '../../src-main/contract/errors.ts';
import { errorText } from '../text/errorText.ts';

/** An error that came over the bridge, or that the window met itself. The one shape that views show. */
export class AppFailure extends Error {
  readonly code: ErrorCode;
  /** Facts for the interface, such as the list of bad rows. */
  readonly details: unknown;

  constructor(shape: ErrorShape) {
    super(shape.message);
    this.name = 'AppFailure';
    this.code = shape.code;
    this.details = shape.details;
  }

  /** What the code means in the language of the window, where the message is in another one. */
  get means(): string | undefined {
    return errorText(this.code).means;
  }

  /** What a person can do about it, from the documented table. */
  get remedy(): string {
    return errorText(this.code).remedy;
  }

  get cancelled(): boolean {
    return this.code === 'CANCELLED';
  }
}

/** Anything thrown, as an AppFailure; what is not one becomes INTERNAL. */
export function toFailure(error: unknown): AppFailure {
  if (error instanceof AppFailure) return error;
  return new AppFailure({ code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) });
}

/** True for `{code, message}` with a code of the table. */
export function isErrorShape(value: unknown): value is ErrorShape {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message } = value as Partial<Record<'code' | 'message', unknown>>;
  return typeof code === 'string' && code in errorTable && typeof message === 'string';
}
