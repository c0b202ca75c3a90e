import { describe, expect, it } from 'vitest';
import { StopTexts } from '../../../src-main/generation/stopTexts.ts';

function shown(stops: readonly string[], pieces: readonly string[]) {
  const texts = new StopTexts(stops);
  const given = pieces.map((piece) => texts.push(piece));
  return { text: [...given, texts.end()].join(''), stopped: texts.stopped, given };
}

describe('StopTexts', () => {
  it('ends the text before the first stop text, also one spread over pieces', () => {
    expect(shown(['\n\n', 'END'], ['One', ' EN', 'D two'])).toMatchObject({ text: 'One ', stopped: true });
    expect(shown(['b', 'ab'], ['xab'])).toMatchObject({ text: 'x', stopped: true });
  });

  // Would catch: half a stop text on screen, taken back a moment later; or text lost that only looked like one.
  it('holds back what may become a stop text, and gives it when it does not', () => {
    expect(shown(['###'], ['a #', '# b', ' #'])).toEqual({
      text: 'a ## b #',
      stopped: false,
      given: ['a ', '## b', ' '],
    });
  });

  it('gives everything at once where there is nothing to stop at', () => {
    expect(shown([], ['a', 'b'])).toEqual({ text: 'ab', stopped: false, given: ['a', 'b'] });
  });
});
