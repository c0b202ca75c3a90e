import type { RunCurves } from '../../contract/routes.ts';
import { checkpointSteps } from '../../runs/checkpoints.ts';
import { readCurves } from '../../runs/runCurves.ts';
import { readEvents } from '../../runs/runEvents.ts';
import { readRunNotes, writeRunNotes } from '../../runs/runNotes.ts';
import { readSamples } from '../../runs/validationSamples.ts';
import { AppError } from '../../util/appError.ts';
import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes =
  | 'workspace.deleteRun'
  | 'runs.list'
  | 'runs.annotate'
  | 'runs.curves'
  | 'run.open'
  | 'run.checkpoints'
  | 'run.samples'
  | 'queue.get'
  | 'queue.add'
  | 'queue.move'
  | 'queue.remove'
  | 'queue.hold';

/** Steps of a stored run that a window gets at most. */
const mostSteps = 4_000;

/** Stored runs, and those that wait to be trained. */
export function runHandlers({ workspace, jobs, queue, desktop, grant }: Services): Pick<Handlers, Routes> {
  return {
    'workspace.deleteRun': async ({ run, forGood }) => {
      if (jobs.active().some((job) => job.summary.run === run)) {
        throw new AppError('RUN_BUSY', `The run ${run} is being trained; stop it before you delete it.`);
      }
      await workspace.runs.delete(run, forGood ? undefined : async (folder) => desktop.moveToTrash(folder));
      return { deleted: true };
    },
    'runs.list': async () => workspace.runs.list(),
    'runs.annotate': async ({ run, notes }) => {
      // Notes belong beside a run alone.
      await workspace.runs.read(run);
      return writeRunNotes(run, notes);
    },
    'runs.curves': async ({ runs, points }) => {
      // One after the other: a hundred logs at once would hold the events of all of them in memory.
      const curves: RunCurves[] = [];
      for (const run of runs) curves.push(await readCurves(run, points));
      return curves;
    },
    'run.samples': async ({ run }) => readSamples(run),
    'run.open': async ({ run }) => {
      const record = await workspace.runs.read(run);
      // What a run was made from may be used again with it, e.g. to evaluate it on its own data.
      const { model, data } = record.config;
      for (const path of [model, data.path, data.validationPath]) if (path !== undefined) await grant(path);
      return { path: run, record, notes: await readRunNotes(run), events: await readEvents(run, mostSteps) };
    },
    'run.checkpoints': async ({ run }) => {
      const { best, last } = await workspace.runs.read(run);
      const steps = await checkpointSteps(run);
      // The checkpoint at step 0 holds adapters that change nothing: that is the base model.
      return steps
        .filter((step) => step > 0)
        .map((step) => ({ step, best: step === best?.step, last: step === last?.step }));
    },
    'queue.get': () => queue.state,
    'queue.add': (training) => ({ id: queue.add(training) }),
    'queue.move': ({ id, to }) => ({ moved: queue.move(id, to) }),
    'queue.remove': ({ id }) => ({ removed: queue.remove(id) }),
    'queue.hold': ({ held }) => {
      queue.hold(held);
      return queue.state;
    },
  };
}
