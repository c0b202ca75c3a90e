import path from 'node:path';
import { formatDuration } from '../contract/format.ts';
import { sweepSchema, type SweepInput } from '../contract/sweeps.schema.ts';
import { bestGroup, groupsOf, isFinal, type SweepEvent, type SweepResult } from '../contract/sweeps.ts';
import { sweepTable } from '../contract/sweepTable.ts';
import { studyCsv } from '../contract/studyTable.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { homeDirectory } from '../util/paths.ts';
import type { Command, CommandCall, CommandOutput } from './command.ts';
import { configFile } from './configFile.ts';
import { number, text, validated } from './optionValues.ts';
import { preparingText } from './phaseText.ts';
import { targetFrom, targetOptions } from './targetOptions.ts';
import { table } from './terminal.ts';

/** A training for every combination of settings and seeds. */
export const sweep: Command = {
  name: 'sweep',
  usage: 'CONFIG.json | list | show FOLDER',
  positionals: 1,
  morePositionals: true,
  summary: 'Train every combination of some settings and seeds; finished trials are never trained again.',
  options: {
    folder: {
      type: 'string',
      value: 'FOLDER',
      description: 'Folder of the sweep (default: its name, in sweeps in the workspace).',
    },
    ...targetOptions,
    limit: { type: 'string', value: 'N', description: 'Stop after N new trials; the same command goes on.' },
    csv: { type: 'string', value: 'FILE', description: 'Write the table as CSV.' },
  },
  notes: [
    'CONFIG.json: { "name", "config": settings of sara train, "space": { "learningRate": { "values": [0.001, 0.003] },',
    '"method.threshold": { "from": 0.02, "to": 0.2, "scale": "log", "steps": 4 } }, "seeds": [0, 1],',
    '"search": { "name": "random", "samples": 12 }, "stopping": { "grace": 20, "reduction": 3 } }',
  ],
  async run(call) {
    const [first, second] = call.positionals;
    if (first === 'list') return list(call);
    const result = first === 'show' ? await show(second, call) : await runSweep(first, call);
    const csv = text(call.options, 'csv');
    if (csv !== undefined) {
      await writeFileAtomic(csv, studyCsv(sweepTable(result)));
      call.output.note(`Table: ${csv}`);
    }
    if (call.output.json) call.output.value(result);
    else showResult(result, call.output);
  },
};

async function runSweep(file: string | undefined, call: CommandCall): Promise<SweepResult> {
  const { options, output, run } = call;
  const content = await configFile(file);
  const settings = validated(sweepSchema, withName(content, file));
  const folder = text(options, 'folder') ?? path.join(homeDirectory(), 'sweeps', settings.name);
  const target = await targetFrom(call);
  if (target !== undefined) return run('sweep.runOn', { sweep: settings, folder, target }, reporter(output));
  const limit = number(options, 'limit');
  const request = { sweep: settings, folder, ...(limit === undefined ? {} : { maxNewTrials: limit }) };
  return run('sweep.run', request, reporter(output));
}

/** A sweep without a name is called like its file. */
function withName(content: Readonly<Record<string, unknown>>, file = ''): Partial<SweepInput> {
  const name = path
    .basename(file, path.extname(file))
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 60);
  return name === '' ? content : { name, ...content };
}

async function show(folder: string | undefined, { run }: CommandCall): Promise<SweepResult> {
  if (folder === undefined) throw new AppError('USAGE', 'sara sweep show needs the folder of a sweep.');
  return run('sweep.open', { folder });
}

/** The sweeps that are kept. */
async function list({ output, run }: CommandCall): Promise<void> {
  const sweeps = await run('sweep.list', { store: path.join(homeDirectory(), 'sweeps') });
  if (output.json) return output.value(sweeps);
  const rows = sweeps.map(({ createdAt, name, target, finished, trials, folder }) => [
    createdAt.slice(0, 16).replace('T', ' '),
    name,
    target ?? 'this machine',
    `${finished} of ${trials}`,
    folder,
  ]);
  output.line(table(['made', 'sweep', 'where', 'trials', 'folder'], rows));
}

function showResult(result: SweepResult, output: CommandOutput): void {
  const { columns, rows } = sweepTable(result);
  output.line(
    table(
      columns,
      rows.map((row) => row.map((value) => (typeof value === 'number' ? String(Number(value.toPrecision(6))) : value))),
    ),
  );
  output.line('');
  const best = bestGroup(groupsOf(result.trials));
  if (best?.mean !== undefined) {
    const settings = Object.entries(best.values).map(([place, value]) => `${place} ${JSON.stringify(value)}`);
    const spread =
      best.deviation === undefined ? '' : ` ± ${best.deviation.toFixed(4)} over ${best.trials.length} seeds`;
    output.line(`Best: ${settings.join(', ')}: held-out loss ${best.mean.toFixed(4)}${spread}`);
  }
  if (!result.complete) output.line('Not complete: the same command goes on.');
  output.line(`Sweep: ${result.folder}`);
}

/** Tells of trials as they end, and of how far the sweep is. */
function reporter(output: CommandOutput): (event: SweepEvent) => void {
  const shares = new Map<number, number>();
  return (event) => {
    if (event.event === 'note') output.note(event.text);
    else if (event.event === 'phase') {
      // Trials wait while the GPU is prepared.
      if (event.phase === 'preparing') output.progress(preparingText(event), event.fraction);
      else if (shares.size === 0) output.progress(`${event.phase} ${event.text ?? ''}`, event.fraction);
    } else if (event.event === 'sweep' || event.event === 'trials') {
      const changed = event.event === 'sweep' ? event.result.trials : event.changed;
      for (const trial of changed) {
        const { number: id, state, step, totalSteps, evaluations, seconds } = trial;
        shares.set(id, isFinal(state) ? 1 : totalSteps > 0 ? step / totalSteps : 0);
        if (event.event === 'sweep' || !isFinal(state)) continue;
        const loss = evaluations.at(-1)?.loss.toFixed(4) ?? trial.error?.message ?? 'no held-out rows';
        output.note(
          `trial ${id} ${state} after ${step} steps: ${loss}${seconds === undefined ? '' : `, ${formatDuration(seconds)}`}`,
        );
      }
      const done = [...shares.values()].reduce((sum, share) => sum + share, 0);
      output.progress(
        `${[...shares.values()].filter((share) => share === 1).length} of ${shares.size} trials`,
        done / Math.max(1, shares.size),
      );
    }
  };
}
