/** Deepest nesting of lists and objects that is read; configurations, tokenizers and conversations need fewer than ten. */
export const maxJsonDepth = 64;

/**
 * Whether a JSON text nests its lists and objects too deeply. Asked before parsing: serialisers and checks recurse, and a
 * few kilobytes of brackets would exhaust their stack.
 */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      for (i += 1; i < text.length && text.charCodeAt(i) !== quote; i += 1) {
        if (text.charCodeAt(i) === backslash) i += 1;
      }
    } else if (code === openBracket || code === openBrace) {
      depth += 1;
      if (depth > maxJsonDepth) return true;
    } else if (code === closeBracket || code === closeBrace) depth -= 1;
  }
  return false;
}

/**
 * As `JSON.parse`, for a text that anybody may have written.
 * @throws SyntaxError also when it is nested too deeply
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new SyntaxError(`lists or objects are nested more than ${maxJsonDepth} deep`);
  return JSON.parse(text) as unknown;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
