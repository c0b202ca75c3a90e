import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterJob } from '../contract/targets.ts';
import type { RunRecord } from '../contract/training.ts';
import { readRun } from '../runs/runFolder.ts';
import { readTargets } from '../targets/targetFile.ts';
import { toErrorShape } from '../util/appError.ts';
import { homeDirectory } from '../util/paths.ts';
import type { Command, CommandCall } from './command.ts';
import { text } from './optionValues.ts';
import { targetCall, targetOptions, targetsFile } from './targetOptions.ts';
import { table } from './terminal.ts';

interface FoundRun {
  readonly path: string;
  readonly record: RunRecord;
}

/** Runs here, and jobs on clusters. */
export const runs: Command = {
  name: 'runs',
  usage: '[--target NAME] [--stop JOB]',
  positionals: 0,
  summary: 'List the runs of the workspace and the jobs on clusters; --stop ends a job at its last checkpoints.',
  options: {
    ...targetOptions,
    stop: { type: 'string', value: 'JOB', description: 'End this job of --target; started again, it goes on.' },
  },
  async run(call) {
    const { options, output } = call;
    const only = text(options, 'target');
    const job = text(options, 'stop');
    if (job !== undefined) return stop(job, call);
    const here = only === undefined ? await runsBelow(path.join(homeDirectory(), 'runs')) : [];
    const names = only === undefined ? (await readTargets(targetsFile())).map(({ name }) => name) : [only];
    const jobs: (ClusterJob & { readonly target: string })[] = [];
    for (const name of names) {
      try {
        const found = await call.run('target.jobs', { target: await targetCall(name, call) });
        jobs.push(...found.map((entry) => ({ ...entry, target: name })));
      } catch (error) {
        // One cluster that is away must not hide the others.
        output.note(toErrorShape(error).message);
      }
    }
    if (output.json) return output.value({ runs: here, jobs });
    const rows = [
      ...here.map(({ path: folder, record }) => [
        record.createdAt.slice(0, 16).replace('T', ' '),
        'this machine',
        record.state,
        record.name,
        folder,
      ]),
      ...jobs.map((entry) => [
        (entry.startedAt ?? '').slice(0, 16).replace('T', ' '),
        entry.target,
        entry.state,
        entry.name,
        entry.id,
      ]),
    ];
    output.line(table(['started', 'where', 'state', 'name', 'run or job'], rows));
  },
};

/** The runs of a folder, the last used first; what is no sound run is left out. */
async function runsBelow(folder: string): Promise<FoundRun[]> {
  const found: FoundRun[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const run = path.join(folder, name);
    const record = await readRun(run).catch(() => undefined);
    if (record !== undefined) found.push({ path: run, record });
  }
  return found.sort((a, b) => (a.record.updatedAt < b.record.updatedAt ? 1 : -1));
}

async function stop(job: string, call: CommandCall): Promise<void> {
  const name = text(call.options, 'target') ?? '';
  const { stopped } = await call.run('target.stop', { target: await targetCall(name, call), job });
  if (call.output.json) call.output.value({ job, stopped });
  else call.output.line(stopped ? `Stopped ${job}.` : `${job} had ended already.`);
}
