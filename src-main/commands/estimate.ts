import { formatBytes, formatCount, formatDuration } from '../contract/format.ts';
import type { Command } from './command.ts';
import { trainConfigFrom, trainOptions } from './trainOptions.ts';

/** Memory, time and size of a run before it starts. */
export const estimate: Command = {
  name: 'estimate',
  usage: 'MODEL --data FILE',
  positionals: 1,
  summary: 'Estimate memory, time and adapter size of a training run.',
  options: trainOptions,
  async run({ positionals, options, output, run }) {
    const config = await trainConfigFrom(positionals[0], options);
    const result = await run('train.estimate', config);
    if (output.json) {
      output.value(result);
      return;
    }
    const { memory } = result;
    const rows: readonly (readonly [string, string])[] = [
      [
        'Trainable',
        `${result.atMost === true ? 'at most (before the analysis) ' : ''}${formatCount(result.trainable)} of ${formatCount(result.parameters)} parameters (LoRA of that budget: rank ${result.equalBudgetLoraRank})`,
      ],
      [
        'Memory',
        `${formatBytes(memory.total)} of ${formatBytes(result.availableMemory)} available: ${result.fits ? 'fits' : 'does not fit'}`,
      ],
      ['  weights', formatBytes(memory.weights)],
      ['  adapters', formatBytes(memory.adapters)],
      ['  optimizer', formatBytes(memory.optimizer)],
      ['  activations', formatBytes(memory.activations)],
      ['  runtime', formatBytes(memory.runtime)],
      ['Adapter', `${formatBytes(result.adapterBytes)} on disk`],
      ['Steps', `${result.steps} (${formatCount(result.tokens)} tokens)`],
      [
        'Time',
        result.seconds === undefined
          ? 'not known before the first run on this computer'
          : formatDuration(result.seconds),
      ],
    ];
    for (const [name, value] of rows) output.line(`${name.padEnd(13)} ${value}`);
  },
};
