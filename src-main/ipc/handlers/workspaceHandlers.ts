import { readEvents } from '../../runs/runEvents.ts';
import { AppError } from '../../util/appError.ts';
import { sampleProject } from '../../workspace/sampleProjects.ts';
import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes =
  | 'workspace.home'
  | 'workspace.deleteRun'
  | 'workspace.forgetModel'
  | 'project.get'
  | 'project.save'
  | 'project.openSample'
  | 'run.open';

/** Steps of a stored run that a window gets at most. */
const mostSteps = 4_000;

/** Home, the wizard's project and stored runs. */
export function workspaceHandlers({ workspace, jobs, grant }: Services): Pick<Handlers, Routes> {
  return {
    'workspace.home': async () => workspace.home(),
    'workspace.deleteRun': async ({ run }) => {
      if (jobs.active().some((job) => job.summary.run === run)) {
        throw new AppError('RUN_BUSY', `The run ${run} is being trained; stop it before you delete it.`);
      }
      await workspace.runs.delete(run);
      return { deleted: true };
    },
    'workspace.forgetModel': async ({ model }) => {
      await workspace.forgetModel(model);
      return { forgotten: true };
    },
    'project.get': () => workspace.project,
    'project.save': async (project) => {
      await workspace.saveProject(project);
      return { saved: true };
    },
    'project.openSample': async ({ id }) => {
      const project = sampleProject(id, workspace.places.samples);
      await workspace.saveProject(project);
      return project;
    },
    'run.open': async ({ run }) => {
      const record = await workspace.runs.read(run);
      // What a run was made from may be used again with it, e.g. to evaluate it on its own data.
      const { model, data } = record.config;
      for (const path of [model, data.path, data.validationPath]) if (path !== undefined) await grant(path);
      return { path: run, record, events: await readEvents(run, mostSteps) };
    },
  };
}
