import { runRequestSchema } from '../contract/requests.schema.ts';
import { sweepSchema, type Sweep } from '../contract/sweeps.schema.ts';
import { formatBytes, formatCount, formatDuration } from '../contract/format.ts';
import type { TrainEvent } from '../contract/training.ts';
import { AppError } from '../util/appError.ts';
import type { Command, CommandOutput, OptionSpec, OptionValues } from './command.ts';
import { flag, number, text, validated, withoutUndefined } from './optionValues.ts';
import { preparingText } from './phaseText.ts';
import { targetFrom, targetOptions } from './targetOptions.ts';
import { trainConfigFrom, trainOptions } from './trainOptions.ts';

/** For programs that follow a run from outside, such as a trial on a cluster. */
const allEvents: OptionSpec = {
  type: 'boolean',
  description: 'With --json: every event of the run, as metrics.jsonl keeps them.',
};

/** Trains an adapter into a new run folder. */
export const train: Command = {
  name: 'train',
  usage: 'MODEL --data FILE --out RUN',
  positionals: 1,
  summary: 'Train an adapter and keep it in a run folder.',
  options: {
    out: { type: 'string', value: 'RUN', description: 'Folder of the new run.' },
    ...trainOptions,
    ...targetOptions,
    cpus: { type: 'string', value: 'N', description: 'CPUs that the training is given on a cluster (default: 1).' },
    gpus: { type: 'string', value: 'N', description: 'GPUs there; 0.5 shares one (default: 0).' },
    'all-events': allEvents,
  },
  async run(call) {
    const { positionals, options, output, run } = call;
    const out = text(options, 'out');
    if (out === undefined) throw new AppError('USAGE', '--out is missing: name the folder of the new run.');
    const config = await trainConfigFrom(positionals[0], options);
    const target = await targetFrom(call);
    const report = reporter(output, flag(options, 'all-events'));
    const record =
      target === undefined
        ? await run('train.run', { config, out }, report)
        : await run(
            'train.runOn',
            { config, out, target, folder: `${out} on ${target.target.name}`, resources: resourcesFrom(options) },
            report,
          );
    if (!output.json) output.line(`Run: ${out} (${formatCount(record.trainable)} trainable parameters)`);
  },
};

function resourcesFrom(options: OptionValues): Sweep['resources'] {
  const given = withoutUndefined({ cpus: number(options, 'cpus'), gpus: number(options, 'gpus') });
  return validated(sweepSchema.shape.resources, given, { cpus: '--cpus', gpus: '--gpus' });
}

/** Goes on with an interrupted run. */
export const resume: Command = {
  name: 'resume',
  usage: 'RUN',
  positionals: 1,
  summary: 'Go on with an interrupted run from its last checkpoint.',
  options: { 'all-events': allEvents },
  async run({ positionals, options, output, run }) {
    const request = validated(runRequestSchema, { run: positionals[0] }, { run: 'RUN' });
    await run('train.resume', request, reporter(output, flag(options, 'all-events')));
    if (!output.json) output.line(`Run: ${request.run}`);
  },
};

/** With --json the events that the command documents, else progress in words. */
function reporter(output: CommandOutput, all: boolean): (event: TrainEvent) => void {
  if (output.json && all) return (event) => output.value(event);
  if (output.json) return (event) => writeJson(event, output);
  let steps = 0;
  return (event) => {
    if (event.event === 'start') steps = event.steps;
    describe(event, steps, output);
  };
}

function writeJson(event: TrainEvent, output: CommandOutput): void {
  if (event.event === 'note') {
    output.note(event.text);
  } else if (event.event === 'step') {
    const { step, loss, lr, gradNorm, tokensPerSecond, rssBytes } = event;
    output.value({ event: 'step', step, loss, lr, gradNorm, tokensPerSecond, rssBytes });
  } else if (event.event === 'eval') {
    output.value({ event: 'eval', step: event.step, loss: event.loss });
  } else if (event.event === 'done') {
    const { run, trainable, bestStep, steps } = event;
    output.value({ event: 'done', run, trainable, bestStep, steps });
  }
}

function describe(event: TrainEvent, totalSteps: number, output: CommandOutput): void {
  switch (event.event) {
    case 'phase':
      output.progress(event.phase === 'preparing' ? preparingText(event) : `${event.phase} …`, event.fraction);
      return;
    case 'start':
      output.line(
        `${event.ranks.length} matrices, ${formatCount(event.trainable)} trainable parameters; ` +
          `${event.trainRows} rows to train on, ${event.validationRows} held out; ${event.steps} steps.`,
      );
      if (event.skippedRows.length > 0) {
        const named = event.skippedRows.slice(0, 5).map(({ row, reason }) => `row ${row}: ${reason}`);
        output.note(`${event.skippedRows.length} rows left out: ${named.join('; ')}`);
      }
      return;
    case 'step':
      output.progress(
        `step ${event.step}/${totalSteps}  loss ${event.loss.toFixed(4)}  ${event.tokensPerSecond.toFixed(0)} tokens/s  ` +
          `${formatBytes(event.rssBytes)}  ${formatDuration(event.etaSeconds)} left`,
        totalSteps > 0 ? event.step / totalSteps : undefined,
      );
      return;
    case 'eval':
      output.line(`step ${event.step}: validation loss ${event.loss.toFixed(4)}${event.best ? ' (best so far)' : ''}`);
      return;
    case 'neutral':
      output.line(`step ${event.step}: loss on the neutral text ${event.loss.toFixed(4)}`);
      return;
    case 'sample':
      output.line(`step ${event.step}: ${JSON.stringify(event.prompt)} → ${JSON.stringify(event.text)}`);
      return;
    case 'note':
      output.note(event.text);
      return;
    case 'done':
      output.line(
        `${event.steps} steps done${event.stoppedEarly ? ' (stopped early)' : ''}; ` +
          (event.bestLoss === null
            ? 'no validation rows.'
            : `best validation loss ${event.bestLoss.toFixed(4)} at step ${event.bestStep}.`),
      );
      return;
    case 'ranks':
      output.progress(`step ${event.step}: ranks add up to ${event.ranks.reduce((sum, rank) => sum + rank, 0)}`);
      return;
    case 'learnt':
    case 'gates':
    case 'checkpoint':
    case 'paused':
    case 'continued':
      return;
  }
}
