import { readFile } from 'node:fs/promises';
import { generateRequestSchema } from '../contract/requests.schema.ts';
import { AppError } from '../util/appError.ts';
import type { Command } from './command.ts';
import { flag, number, text, texts, validated, withoutUndefined } from './optionValues.ts';
import { countedText } from './phaseText.ts';

/** Text from a model or a run. */
export const generate: Command = {
  name: 'generate',
  usage: 'MODEL|RUN --prompt TEXT | --messages FILE',
  positionals: 1,
  summary: 'Generate text with a model or a run.',
  options: {
    prompt: {
      type: 'string',
      value: 'TEXT',
      description: 'Prompt; put into the chat template where the model has one.',
    },
    messages: { type: 'string', value: 'FILE', description: 'JSON list of {"role", "content"}.' },
    'max-new-tokens': { type: 'string', value: 'N', description: 'Longest answer in tokens (default 128).' },
    temperature: { type: 'string', value: 'X', description: '0 takes the most probable token (default 0).' },
    'top-p': {
      type: 'string',
      value: 'P',
      description: 'Draw among the most probable tokens that hold this share of the probability (default 1: all).',
    },
    stop: {
      type: 'string',
      value: 'TEXT',
      multiple: true,
      description: 'End the answer before this text; repeatable.',
    },
    step: { type: 'string', value: 'N', description: 'For a run: the checkpoint of this step (default: the best).' },
    seed: { type: 'string', value: 'N', description: 'Seed of sampling (default 0).' },
    raw: { type: 'boolean', description: 'No template and no special tokens.' },
    'ignore-eos': { type: 'boolean', description: 'Do not stop at the end token.' },
    base: { type: 'boolean', description: 'For a run: answer with its base model.' },
  },
  async run({ positionals, options, output, run }) {
    const request = validated(
      generateRequestSchema,
      withoutUndefined({
        model: positionals[0],
        prompt: text(options, 'prompt'),
        messages: await messagesOf(text(options, 'messages')),
        maxNewTokens: number(options, 'max-new-tokens'),
        temperature: number(options, 'temperature'),
        topP: number(options, 'top-p'),
        stop: texts(options, 'stop'),
        step: number(options, 'step'),
        seed: number(options, 'seed'),
        raw: flag(options, 'raw'),
        ignoreEos: flag(options, 'ignore-eos'),
        base: flag(options, 'base'),
      }),
      {
        model: 'MODEL',
        maxNewTokens: '--max-new-tokens',
        temperature: '--temperature',
        topP: '--top-p',
        step: '--step',
        messages: '--messages',
      },
    );
    if ((request.prompt === undefined) === (request.messages === undefined)) {
      throw new AppError('USAGE', 'Give either --prompt or --messages.');
    }
    const result = await run('generate.run', request, (event) => {
      if ('phase' in event) output.progress(countedText(event), event.done / event.total);
      else output.piece(event.text);
    });
    if (output.json) output.value({ ids: result.ids, text: result.text });
    else output.line('');
  },
};

async function messagesOf(path: string | undefined): Promise<unknown> {
  if (path === undefined) return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (error) {
    throw new AppError(
      'DATA_INVALID',
      `The messages in ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      {
        cause: error,
      },
    );
  }
}
