import { describe, expect, it } from 'vitest';
import { TextStream } from '../../../src-main/generation/textStream.ts';

/** One token per byte, as byte-level vocabularies have for rare characters. */
const bytes = {
  decode: (ids: readonly number[]): string => new TextDecoder().decode(Uint8Array.from(ids)),
};
/** Words with a leading space that is stripped at the beginning of a text, as SentencePiece does. */
const words = ['▁Once', '▁upon', 'ing', '▁a'];
const sentencePiece = {
  decode: (ids: readonly number[]): string =>
    ids
      .map((id) => words[id] ?? '')
      .join('')
      .replaceAll('▁', ' ')
      .replace(/^ /, ''),
};

describe('TextStream', () => {
  it('holds back a character until all its bytes are there', () => {
    const text = 'aé漢😀z';
    const stream = new TextStream(bytes);
    const pieces = [...new TextEncoder().encode(text)].map((byte) => stream.push(byte));
    expect(pieces.join('') + stream.end()).toBe(text);
    expect(pieces.join('|')).not.toContain('\uFFFD');
    expect(pieces.filter((piece) => piece !== '')).toEqual(['a', 'é', '漢', '😀', 'z']);
  });

  it('keeps the spaces between words that a decoder strips at the beginning', () => {
    const stream = new TextStream(sentencePiece);
    expect([0, 1, 2, 3].map((id) => stream.push(id))).toEqual(['Once', ' upon', 'ing', ' a']);
  });

  it('gives out bytes that never become a character instead of waiting for ever', () => {
    const stream = new TextStream(bytes);
    let text = '';
    for (let i = 0; i < 12; i++) text += stream.push(0xff);
    expect(text.length).toBeGreaterThan(0);
    text += stream.push(0x61) + stream.end();
    expect(text.endsWith('a')).toBe(true);
  });

  it('gives out the torn rest at the end', () => {
    const stream = new TextStream(bytes);
    expect(stream.push(0xe6)).toBe('');
    expect(stream.end()).toBe('\uFFFD');
  });
});
