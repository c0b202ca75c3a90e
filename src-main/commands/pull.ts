import path from 'node:path';
import { bestGroup, bestTrial, groupsOf } from '../contract/sweeps.ts';
import { trialPullRequestSchema } from '../contract/sweeps.schema.ts';
import { AppError } from '../util/appError.ts';
import { homeDirectory } from '../util/paths.ts';
import type { Command } from './command.ts';
import { number, text, validated, withoutUndefined } from './optionValues.ts';
import { targetCall, targetOptions } from './targetOptions.ts';

const { 'ask-token': askToken } = targetOptions;

/** Makes a trial of a sweep a run of its own on this machine. */
export const pull: Command = {
  name: 'pull',
  usage: 'SWEEP',
  positionals: 1,
  summary: 'Make a trial of a sweep a run of its own on this machine, wherever it was trained.',
  options: {
    trial: { type: 'string', value: 'N', description: 'Number of the trial (default: the best of the best settings).' },
    out: { type: 'string', value: 'RUN', description: 'Folder of the run (default: in runs in the workspace).' },
    ...(askToken === undefined ? {} : { 'ask-token': askToken }),
  },
  notes: ['SWEEP is the folder of a sweep, or its name in the workspace.'],
  async run(call) {
    const { positionals, options, output, run } = call;
    const given = positionals[0] ?? '';
    const folder = path.basename(given) === given ? path.join(homeDirectory(), 'sweeps', given) : given;
    const sweep = await run('sweep.open', { folder });
    const best = bestGroup(groupsOf(sweep.trials));
    const trial = number(options, 'trial') ?? (best === undefined ? undefined : bestTrial(best)?.number);
    if (trial === undefined) {
      throw new AppError('USAGE', 'No settings of the sweep are done with all seeds yet; name a trial with --trial.');
    }
    const out = text(options, 'out') ?? path.join(homeDirectory(), 'runs', `${sweep.sweep.name} trial ${trial}`);
    const target = sweep.target === undefined ? undefined : await targetCall(sweep.target, call);
    const request = validated(trialPullRequestSchema, withoutUndefined({ folder, trial, out, target }), {
      trial: '--trial',
    });
    const record = await run('trial.pull', request);
    if (output.json) output.value({ run: out, record });
    else output.line(`Run: ${out} (step ${record.step} of ${record.totalSteps}, ${record.state})`);
  },
};
