/**
 * Which paths the input of a route names. Complete by type, so that a new route cannot let a path past the check that
 * the window was given it (see app/pathGrants.ts).
 */
import type { DataConfig } from '../contract/requests.schema.ts';
import type { ParsedInput, RouteName } from '../contract/routes.ts';
import type { Sweep } from '../contract/sweeps.schema.ts';
import type { Study } from '../contract/studies.schema.ts';

type PathsOf = { readonly [R in RouteName]: (input: ParsedInput<R>) => readonly string[] };

const none = (): readonly string[] => [];

export const pathsOf: PathsOf = {
  'app.info': none,
  'app.diagnostics': none,
  'app.openedFile': none,
  'settings.get': none,
  'settings.update': none,
  'workspace.home': none,
  'workspace.deleteRun': ({ run }) => [run],
  'runs.list': none,
  'runs.annotate': ({ run }) => [run],
  'runs.curves': ({ runs }) => runs,
  'run.checkpoints': ({ run }) => [run],
  'queue.get': none,
  'queue.add': ofJob,
  'queue.move': none,
  'queue.remove': none,
  'queue.hold': none,
  'comparisons.list': none,
  'comparisons.open': none,
  // Opening it again grants them.
  'comparisons.save': ({ comparison }) => comparison.columns.map(({ target }) => target),
  'comparisons.delete': none,
  // Only takes a path off a list; it must work for a model on a drive that is gone.
  'workspace.forgetModel': none,
  'menu.enable': none,
  'project.get': none,
  'project.save': ({ model, data, config, run, exportedTo }) => [
    ...given(model, config?.model, run, exportedTo),
    ...ofData(data),
    ...ofData(config?.data),
  ],
  'project.openSample': none,
  'dialog.openModel': none,
  'dialog.openData': none,
  'dialog.openSettings': none,
  'settingsFile.read': ({ path }) => [path],
  'folder.kind': ({ path }) => [path],
  'dialog.chooseOutput': none,
  'shell.openFolder': ({ path }) => [path],
  'shell.openLink': none,
  'updates.get': none,
  'updates.check': none,
  'updates.download': none,
  'updates.cancel': none,
  'shell.showLogs': none,
  'shell.showLicences': none,
  'engine.report': none,
  'engine.state': none,
  'engine.restart': none,
  'speed.get': none,
  'speed.measure': none,
  'model.inspect': ({ model }) => [model],
  'model.inspectFile': ({ path }) => [path],
  'models.find': none,
  'models.stopFinding': none,
  'data.inspect': ({ path }) => [path],
  'data.preview': ({ model, data }) => [model, ...ofData(data)],
  'data.lengths': ({ model, data }) => [model, ...ofData(data)],
  'data.heldOut': ({ run }) => [run],
  'data.search': ({ path }) => [path],
  'data.place': ({ path }) => [path],
  'train.estimate': ({ model, data }) => [model, ...ofData(data)],
  'train.fit': ({ config }) => [config.model, ...ofData(config.data)],
  'export.choices': ({ run }) => [run],
  'export.report': ({ path }) => [path],
  'export.history': ({ run }) => [run],
  'export.suggestFolder': none,
  'hub.account': none,
  'hub.saveToken': none,
  'hub.forgetToken': none,
  'run.open': ({ run }) => [run],
  'run.samples': ({ run }) => [run],
  'study.list': none,
  'study.open': ({ path }) => [path],
  'sweep.list': none,
  'sweep.open': ({ folder }) => [folder],
  'trial.pull': ({ folder }) => [folder],
  'targets.list': none,
  'targets.save': ({ target }) => given(target.certificate),
  'targets.remove': none,
  'targets.test': none,
  'jobs.start': ofJob,
  'jobs.control': none,
  'jobs.list': none,
  'jobs.snapshot': none,
  'window.close': none,
  'demo.report': none,
  'log.renderer': none,
};

function ofJob(job: ParsedInput<'jobs.start'>): readonly string[] {
  switch (job.kind) {
    case 'model.fetchSample':
      return [];
    case 'analysis.run':
    case 'generate.run':
      return [job.input.model];
    case 'train.run':
      return [job.input.config.model, ...ofData(job.input.config.data)];
    case 'train.runOn':
      return [...given(job.input.config.model), ...ofData(job.input.config.data)];
    case 'train.resume':
    case 'gates.run':
      return [job.input.run];
    case 'evaluate.run':
      return [job.input.model, ...ofData(job.input.data)];
    case 'calibrate.run':
      return given(job.input.run, job.input.data);
    case 'adapter.compress':
      return given(job.input.run, job.input.out);
    case 'evaluate.task':
      return given(job.input.model, job.input.data);
    case 'data.check':
      return [...given(job.input.model), ...ofData(job.input.data)];
    case 'export.run':
      return given(job.input.run, job.input.out, job.input.freezeGates?.data);
    case 'study.run':
      return ofStudy(job.input.study);
    case 'sweep.run':
    case 'sweep.runOn':
      return ofSweep(job.input.sweep);
    case 'export.verify':
      return [job.input.path, job.input.against];
    case 'publish.run':
      return [job.input.path];
  }
}

function ofStudy(study: Study): readonly string[] {
  const models = study.study === 'scaling' ? study.models : [study.model];
  return [...models, ...('probe' in study ? ofData(study.probe?.data) : [])];
}

/** Also the paths that are tried: `model` and `data.path` may be among the settings. */
function ofSweep({ config, space }: Sweep): readonly string[] {
  const tried = ['model', 'data.path', 'data.validationPath'].flatMap((place) => {
    const choice = space[place];
    return choice !== undefined && 'values' in choice ? choice.values.filter((value) => typeof value === 'string') : [];
  });
  return [...given(config.model), ...ofData(config.data), ...tried];
}

function ofData(data: DataConfig | undefined): readonly string[] {
  return data === undefined ? [] : given(data.path, data.validationPath);
}

function given(...paths: (string | undefined)[]): string[] {
  return paths.filter((path) => path !== undefined);
}
