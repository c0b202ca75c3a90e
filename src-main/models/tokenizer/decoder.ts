/**
 * Ids to text as the reference tokenizers does it. The JavaScript library's own decoders lose byte-order marks, treat
 * broken byte sequences otherwise and search lists of added tokens once for every token.
 */
import { isJsonObject, type JsonObject } from '../jsonFile.ts';

export type Decode = (tokens: readonly string[]) => string;
type Step = (tokens: string[]) => string[];

/** Undefined for a decoder of a kind that is not known here. */
export function compileDecoder(config: unknown): Decode | undefined {
  if (config === null || config === undefined) return (tokens) => tokens.join(' ');
  const step = isJsonObject(config) ? compileStep(config) : undefined;
  return step && ((tokens) => step([...tokens]).join(''));
}

function compileStep(config: JsonObject): Step | undefined {
  switch (config['type']) {
    case 'Sequence':
      return compileSequence(config['decoders']);
    case 'ByteLevel':
      return (tokens) => [decodeByteLevel(tokens)];
    case 'ByteFallback':
      return decodeByteFallback;
    case 'Fuse':
      return (tokens) => [tokens.join('')];
    case 'Replace':
      return compileReplace(config);
    case 'Strip':
      return compileStrip(config);
    case 'Metaspace':
      return compileMetaspace(config);
    default:
      return undefined;
  }
}

function compileSequence(configs: unknown): Step | undefined {
  if (!Array.isArray(configs)) return undefined;
  const steps = configs.map((config: unknown) => (isJsonObject(config) ? compileStep(config) : undefined));
  if (steps.some((step) => step === undefined)) return undefined;
  return (tokens) => steps.reduce((current, step) => step?.(current) ?? current, tokens);
}

function compileReplace({ pattern, content }: JsonObject): Step | undefined {
  const text = isJsonObject(pattern) ? pattern['String'] : undefined;
  if (typeof text !== 'string' || typeof content !== 'string') return undefined;
  return (tokens) => tokens.map((token) => token.replaceAll(text, () => content));
}

function compileStrip({ content, start, stop }: JsonObject): Step | undefined {
  if (typeof content !== 'string' || content.length !== 1) return undefined;
  const [atStart, atEnd] = [Number(start ?? 0), Number(stop ?? 0)];
  return (tokens) =>
    tokens.map((token) => {
      let first = 0;
      let last = token.length;
      while (first < atStart && token[first] === content) first++;
      while (token.length - last < atEnd && last > first && token[last - 1] === content) last--;
      return token.slice(first, last);
    });
}

function compileMetaspace({ replacement, prepend_scheme: scheme, add_prefix_space: prefix }: JsonObject): Step {
  const mark = typeof replacement === 'string' ? replacement : '▁';
  const prepended = scheme === undefined ? prefix !== false : scheme !== 'never';
  return (tokens) =>
    tokens.map((token, i) => {
      const kept = prepended && i === 0 && token.startsWith(mark) ? token.slice(mark.length) : token;
      return kept.replaceAll(mark, ' ');
    });
}

/** The character that stands for each byte in byte-level vocabularies: itself where it can be seen. */
const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const bytes = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    bytes.set(String.fromCharCode(visible ? byte : next++), byte);
  }
  return bytes;
})();

/** A token with a character that stands for no byte is taken as it is. */
function decodeByteLevel(tokens: readonly string[]): string {
  const bytes: number[] = [];
  for (const token of tokens) {
    const own = Array.from(token, (character) => byteOfCharacter.get(character));
    if (own.every((byte) => byte !== undefined)) bytes.push(...own);
    else bytes.push(...new TextEncoder().encode(token));
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

/** Runs of `<0xNN>` become text where they are UTF-8 as a whole, else one replacement character a byte. */
function decodeByteFallback(tokens: readonly string[]): string[] {
  const decoded: string[] = [];
  let run: number[] = [];
  const flush = (): void => {
    if (run.length === 0) return;
    try {
      decoded.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(run)));
    } catch {
      decoded.push(...run.map(() => '\ufffd'));
    }
    run = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (byte === undefined) {
      flush();
      decoded.push(token);
    } else run.push(parseInt(byte, 16));
  }
  flush();
  return decoded;
}

function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
