import { sampleProject } from '../../workspace/sampleProjects.ts';
import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes = 'workspace.home' | 'workspace.forgetModel' | 'project.get' | 'project.save' | 'project.openSample';

/** Home and the wizard's project. */
export function workspaceHandlers({ workspace }: Services): Pick<Handlers, Routes> {
  return {
    'workspace.home': async () => workspace.home(),
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
  };
}
