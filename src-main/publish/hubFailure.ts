import { HubApiError } from '@huggingface/hub';
import { AppError } from '../util/appError.ts';
import { AddressExpired } from './patientFetch.ts';

/** What the hub’s refusals mean. */
const meanings: Readonly<Record<number, string>> = {
  401: 'the token is not valid',
  403: 'the token may not write there',
  404: 'there is no such repository, or the token may not see it',
  413: 'a file is too large',
};

/**
 * The error to throw when talking to the hub failed. The library’s own messages are not used: they hold the addresses of
 * uploads, which let anyone write who knows them.
 */
export function hubFailure(error: unknown, endpoint: string): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof HubApiError && error.statusCode < 500 && !isPassing(error)) {
    const said = saidBy(error);
    const meaning = meanings[error.statusCode] ?? `status ${error.statusCode}`;
    return new AppError('HUB_REFUSED', `${endpoint} refused: ${meaning}${said === '' ? '' : ` ("${said}")`}.`);
  }
  const reason = error instanceof HubApiError ? `status ${error.statusCode}` : reasonOf(error);
  return new AppError(
    'UPLOAD_FAILED',
    `The upload to ${endpoint} broke off (${reason}); publish again: files that arrived are not sent a second time.`,
  );
}

function isPassing({ statusCode }: HubApiError): boolean {
  return statusCode === 408 || statusCode === 429;
}

/** The hub’s own words: short, and without anything that looks like a secret. */
function saidBy({ data }: HubApiError): string {
  const text: unknown = data?.['error'] ?? data?.['message'];
  if (typeof text !== 'string' || /https?:|hf_/.test(text)) return '';
  return text.replace(/\s+/g, ' ').trim().slice(0, 200);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error instanceof AddressExpired) return 'its addresses ran out';
  if (error.name === 'AbortError') return 'no answer in time';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return code === '' ? 'the connection was lost' : code;
}
