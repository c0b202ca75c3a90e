import type { TaskAnswer, TextMetrics } from '../../contract/tasks.ts';
import { corpusBleu } from '../../metrics/bleu.ts';
import { captionWords } from '../../metrics/captionWords.ts';
import { meanCider } from '../../metrics/cider.ts';
import { meanMeteor } from '../../metrics/meteor.ts';
import { corpusNist } from '../../metrics/nist.ts';
import { meanRougeLOfWords } from '../../metrics/rougeL.ts';
import { tokenise13a } from '../../metrics/tokenise13a.ts';

/** How texts are judged, one sentence. */
export const textRule =
  'BLEU and NIST in lower case over the words of mteval-v13a; METEOR (exact and stem), ROUGE-L (β = 1.2) and CIDEr-D over Treebank words without punctuation; all rows of a meaning are its references.';

/** The metrics of the E2E challenge over generated texts; see the metric files for what each is. */
export function textMetrics(answers: readonly Pick<TaskAnswer, 'text' | 'wanted'>[]): TextMetrics {
  const texts = answers.map(({ text }) => text.toLowerCase());
  const references = answers.map(({ wanted }) => wanted.map((text) => text.toLowerCase()));
  const words = texts.map(captionWords);
  const referenceWords = references.map((own) => own.map(captionWords));
  return {
    bleu: corpusBleu(texts, references).score,
    nist: corpusNist(
      texts.map(tokenise13a),
      references.map((own) => own.map(tokenise13a)),
    ),
    meteor: meanMeteor(words, referenceWords),
    'rouge-l': meanRougeLOfWords(words, referenceWords),
    cider: meanCider(words, referenceWords),
  };
}
