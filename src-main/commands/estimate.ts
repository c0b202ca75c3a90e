import type { Fit, FitChange } from '../contract/fit.ts';
import { formatBytes, formatCount, formatDuration, formatShare } from '../contract/format.ts';
import type { Command, CommandOutput } from './command.ts';
import { flag } from './optionValues.ts';
import { trainConfigFrom, trainOptions } from './trainOptions.ts';

/** Memory, time and size of a run before it starts. */
export const estimate: Command = {
  name: 'estimate',
  usage: 'MODEL --data FILE',
  positionals: 1,
  summary: 'Estimate memory, time and adapter size of a training run.',
  options: {
    ...trainOptions,
    fit: { type: 'boolean', description: 'Say with which settings it fits into memory and onto the disk.' },
  },
  async run({ positionals, options, output, run }) {
    const config = await trainConfigFrom(positionals[0], options);
    if (flag(options, 'fit')) {
      describeFit(await run('train.fit', { config }), output);
      return;
    }
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
      ['At most', peaksText(result.memory.peaks)],
      [
        'Disk',
        `${formatBytes(result.disk.total)}${result.freeDisk === undefined ? '' : ` of ${formatBytes(result.freeDisk)} free: ${result.fitsDisk ? 'fits' : 'does not fit'}`}`,
      ],
      ['  checkpoints', `${formatBytes(result.disk.checkpoints)} (${formatBytes(result.disk.checkpoint)} each)`],
      ['  frozen parts', formatBytes(result.disk.shared)],
      ['  log and rows', formatBytes(result.disk.records)],
      ['Adapter', `${formatBytes(result.adapterBytes)} on disk`],
      ['Steps', `${result.steps} (${formatCount(result.tokens)} tokens)`],
      [
        'Time',
        result.seconds === undefined
          ? 'not known before the first run on this computer'
          : `${formatDuration(result.seconds)}${result.secondsFrom === 'calibration' ? ', from the calibration of this computer, not from a measured run' : ''}`,
      ],
    ];
    for (const [name, value] of rows) output.line(`${name.padEnd(14)} ${value}`);
    if (!result.fits || !result.fitsDisk) output.note('The same command with --fit proposes settings that fit.');
  },
};

function peaksText({ training, evaluation, saving }: Fit['after']['memory']['peaks']): string {
  return `${formatBytes(training)} while training, ${formatBytes(evaluation)} evaluating, ${formatBytes(saving)} saving`;
}

function describeFit(fit: Fit, output: CommandOutput): void {
  if (output.json) {
    output.value(fit);
    return;
  }
  for (const change of fit.changes) output.line(changeText(change));
  const { before, after } = fit;
  output.line(
    `Memory ${formatBytes(before.memory.total)} → ${formatBytes(after.memory.total)} of ${formatBytes(after.availableMemory)} available; disk ${formatBytes(before.disk.total)} → ${formatBytes(after.disk.total)}.`,
  );
  if (!fit.fits)
    output.line('It does not fit even so; choose a smaller model or fewer layers, or free memory and disk.');
  else if (fit.changes.length === 0) output.line('It fits as it is.');
}

function changeText(change: FitChange): string {
  switch (change.kind) {
    case 'batch':
      return `--batch-size ${String(change.rows[1])} --accumulation ${String(change.accumulation[1])}: comes to the same training.`;
    case 'weights':
      return '--weights stored: exact.';
    case 'recompute':
      return '--activation-checkpointing: about a third more time.';
    case 'length':
      return `--seq-len ${String(change.tokens[1])}: cuts the end of ${formatShare(change.cut)} of the rows.`;
    case 'rank':
      return `A largest rank of ${String(change.ranks[1])} in place of ${String(change.ranks[0])} (--cap, --rank or --initial-rank): the adapter can learn less.`;
    case 'checkpoints':
      return `--keep ${String(change.kept[1])}: the best is kept all the same.`;
  }
}
