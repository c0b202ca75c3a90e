import { RowFault, textIn, type TextTask } from './task.ts';

/** E2E (Novikova, Dušek and Rieser 2017): a text that says what a meaning representation holds. */
export const e2e: TextTask = {
  name: 'e2e',
  kind: 'text',
  maxNewTokens: 100,
  read(values) {
    const prompt = textIn(values, 'mr');
    const listed = values['refs'];
    if (!Array.isArray(listed)) return { prompt, wanted: [textIn(values, 'ref')] };
    const wanted = listed.filter((text): text is string => typeof text === 'string' && text.trim() !== '');
    if (wanted.length === 0 || wanted.length < listed.length) throw new RowFault('its “refs” are not all texts');
    return { prompt, wanted };
  },
};
