import { evaluateRequestSchema } from '../contract/requests.schema.ts';
import type { Command } from './command.ts';
import { dataConfigFrom, dataOptions } from './dataOptions.ts';
import { evaluateOnTask, taskOptions } from './evaluateTask.ts';
import { flag, number, text, validated, withoutUndefined } from './optionValues.ts';

/** Loss, perplexity and generation metrics of a model or a run on a data file, or its answers on a named task. */
export const evaluate: Command = {
  name: 'evaluate',
  usage: 'MODEL|RUN --data FILE | --task NAME [--data FILE]',
  positionals: 1,
  summary: 'Measure loss, perplexity, BLEU or ROUGE-L on a data file, or accuracy on a task.',
  options: {
    ...dataOptions,
    metrics: {
      type: 'string',
      value: 'NAMES',
      description: 'loss, bleu, rouge-l, separated by commas (default loss).',
    },
    raw: {
      type: 'boolean',
      description: 'Rows {"text"} exactly as tokenised, no special tokens, loss on every token.',
    },
    'seq-len': { type: 'string', value: 'N', description: 'Longest row in tokens (default 2048).' },
    'batch-size': { type: 'string', value: 'N', description: 'Rows per batch (default 8).' },
    'max-new-tokens': {
      type: 'string',
      value: 'N',
      description: 'Longest generated answer (default 128; with --task the task’s own).',
    },
    ...taskOptions,
  },
  async run(call) {
    if (text(call.options, 'task') !== undefined) return evaluateOnTask(call);
    const { positionals, options, output, run } = call;
    const request = validated(
      evaluateRequestSchema,
      withoutUndefined({
        model: positionals[0],
        data: dataConfigFrom(options),
        raw: flag(options, 'raw'),
        metrics: text(options, 'metrics')
          ?.split(',')
          .map((name) => name.trim()),
        sequenceLength: number(options, 'seq-len'),
        batchSize: number(options, 'batch-size'),
        maxNewTokens: number(options, 'max-new-tokens'),
      }),
      { model: 'MODEL', 'data.path': '--data', 'data.template': '--template', 'metrics.0': '--metrics' },
    );
    const result = await run('evaluate.run', request, (event) =>
      output.progress(event.phase, event.total > 0 ? event.done / event.total : undefined),
    );
    if (output.json) output.value(result);
    else
      for (const [name, value] of Object.entries(result))
        output.line(`${name.padEnd(11)} ${Number.isInteger(value) ? value : Number(value).toFixed(4)}`);
  },
};
