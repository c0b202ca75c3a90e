import type { RowMatches } from '../../contract/data.ts';
import type { FoundModels } from '../../contract/found.ts';
import type { EngineReport } from '../../contract/results.ts';
import type { EngineCall } from '../../host/engineCall.ts';
import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes =
  | 'engine.report'
  | 'engine.state'
  | 'engine.restart'
  | 'speed.get'
  | 'speed.measure'
  | 'model.inspect'
  | 'model.inspectFile'
  | 'models.find'
  | 'models.stopFinding'
  | 'data.inspect'
  | 'data.preview'
  | 'data.lengths'
  | 'data.heldOut'
  | 'data.search'
  | 'data.place'
  | 'train.estimate'
  | 'train.fit'
  | 'export.choices'
  | 'study.list'
  | 'study.open'
  | 'export.report';

/** Short questions to the engine: the answer is the route's answer. */
export function engineHandlers(
  { engine, speed, workspace, grant, now }: Services,
  machine: () => Promise<EngineReport>,
): Pick<Handlers, Routes> {
  let search: EngineCall<FoundModels> | undefined;
  let rowSearch: EngineCall<RowMatches> | undefined;
  return {
    'engine.report': machine,
    'engine.state': () => engine.state,
    'engine.restart': () => {
      engine.reset();
      return engine.state;
    },
    'speed.get': () => speed.state,
    'speed.measure': async () => speed.measure(),
    'model.inspect': async (input) => {
      const summary = await engine.run('model.inspect', input).result;
      await workspace.rememberModel(input.model, summary.name, now());
      return summary;
    },
    'model.inspectFile': async (input) => {
      const contents = await engine.run('model.inspectFile', input).result;
      // Whoever opens a file of weights may use the model that it is a part of.
      if (contents.model !== undefined) await grant(contents.model);
      return contents;
    },
    'models.find': async () => {
      search?.cancel();
      search = engine.run('models.find', {});
      const found = await search.result;
      for (const { path } of found.models) await grant(path);
      return found;
    },
    'models.stopFinding': () => {
      search?.cancel();
      return { stopped: search !== undefined };
    },
    'data.inspect': async (input) => {
      const summary = await engine.run('data.inspect', input).result;
      await workspace.rememberData(input.path, now());
      return summary;
    },
    'data.preview': async (input) => engine.run('data.preview', input).result,
    'data.lengths': async (input) => engine.run('data.lengths', input).result,
    'data.heldOut': async (input) => engine.run('data.heldOut', input).result,
    'data.search': async (input) => {
      // Only the newest search is looked at.
      rowSearch?.cancel();
      rowSearch = engine.run('data.search', input);
      return rowSearch.result;
    },
    'data.place': async (input) => engine.run('data.place', input).result,
    'train.estimate': async (input) => engine.run('train.estimate', input).result,
    'train.fit': async (input) => engine.run('train.fit', input).result,
    'export.choices': async (input) => engine.run('export.choices', input).result,
    'study.list': async () => engine.run('study.list', { store: workspace.studies }).result,
    'study.open': async (input) => engine.run('study.open', input).result,
    'export.report': async (input) => engine.run('export.report', input).result,
  };
}
