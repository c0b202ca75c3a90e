import { AppError } from './appError.ts';

const publicHub = 'https://huggingface.co';

/**
 * Address of the Hugging Face hub: $HF_ENDPOINT for a mirror or an own one, else the public hub. A token is sent there,
 * so without encryption only this computer itself is allowed.
 * @throws AppError SETTINGS_INVALID
 */
export function hubEndpoint(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const chosen = environment['HF_ENDPOINT'];
  if (chosen === undefined || chosen === '') return publicHub;
  const url = parsed(chosen);
  const isLocal = url !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return chosen.replace(/\/+$/, '');
  throw new AppError(
    'SETTINGS_INVALID',
    `HF_ENDPOINT is ${chosen.slice(0, 200)}; a token is only sent to an https address, so set that or take the variable away.`,
  );
}

/** Undefined for what is no address; `URL.canParse` is not in Node 18. */
function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
