import { generateTokens } from '../../generation/generate.ts';
import { promptIds } from '../../generation/prompt.ts';
import { StopTexts } from '../../generation/stopTexts.ts';
import { TextStream } from '../../generation/textStream.ts';
import { AppError } from '../../util/appError.ts';
import { resolveModelOrRun } from '../modelOrRun.ts';
import { asProgress } from '../preparing.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Answers a prompt with a model or a run, token by token. */
export function generateRun(services: EngineServices): Operation<'generate.run'> {
  return async (request, { signal, emit }) => {
    await services.prepareGpu(signal, asProgress(emit));
    const { kernels } = await services.backend();
    const target = await resolveModelOrRun(request.model, request.step ?? request.checkpoint);
    const { decoder, tokenizer, trained } = await services.loaded.use(kernels, target, signal);
    // The base of a run answers in the layout of the run: the two are compared on the same prompt.
    if (request.base) decoder.setAdapters(undefined);
    const prompt = request.messages ?? request.prompt;
    if (prompt === undefined) throw new AppError('USAGE', 'Give a prompt or messages to answer.');
    const ids =
      request.raw && typeof prompt === 'string'
        ? tokenizer.encode(prompt, false)
        : promptIds(prompt, tokenizer, trained);
    const stream = new TextStream(tokenizer);
    const stops = new StopTexts(request.stop);
    let text = '';
    const tell = (piece: string): void => {
      if (piece === '') return;
      text += piece;
      emit({ text: piece });
    };
    const begun = services.clock.now();
    const options = {
      maxNewTokens: request.maxNewTokens,
      temperature: request.temperature,
      topP: request.topP,
      seed: request.seed,
      endIds: request.ignoreEos ? [] : tokenizer.eosIds,
    };
    const [answer] = await generateTokens(decoder, [ids], options, signal, (_prompt, id) => {
      tell(stops.push(stream.push(id)));
      return stops.stopped;
    });
    tell(stops.push(stream.end()));
    tell(stops.end());
    if (!answer) throw new AppError('INTERNAL', 'The prompt was not answered.');
    const seconds = (services.clock.now() - begun) / 1000;
    return {
      ids: answer.ids,
      text,
      // A text may also end the answer with what was held back of its last character.
      stopped: stops.stopped ? 'stop-text' : answer.stopped,
      tokensPerSecond: answer.ids.length / Math.max(seconds, 1e-3),
    };
  };
}
