/** What error codes mean, for plain modules; the catalogues themselves are reactive. */
import { errorTable, type ErrorCode } from '../../src-main/contract/errors.ts';

/** The wording of every code in a language that is not English. */
export type ErrorTexts = Readonly<Record<ErrorCode, { readonly means: string; readonly remedy: string }>>;

let translated: () => ErrorTexts | undefined = () => undefined;

/** Says where the wording of the language in use comes from; undefined for English, which is the table's own. */
export function provideErrorTexts(source: () => ErrorTexts | undefined): void {
  translated = source;
}

/**
 * What a code means in general, where the language of the window is not that of the error's own sentence, and what to do
 * about it. The sentence itself, with its files and rows, comes from the engine in English.
 */
export function errorText(code: ErrorCode): { readonly means?: string; readonly remedy: string } {
  return translated()?.[code] ?? { remedy: errorTable[code].remedy };
}
