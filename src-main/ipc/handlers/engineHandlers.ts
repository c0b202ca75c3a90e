import type { EngineReport } from '../../contract/results.ts';
import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes =
  | 'engine.report'
  | 'engine.state'
  | 'engine.restart'
  | 'model.inspect'
  | 'model.inspectFile'
  | 'data.inspect'
  | 'data.preview'
  | 'data.lengths'
  | 'train.estimate'
  | 'export.choices'
  | 'study.list'
  | 'study.open';

/** Short questions to the engine: the answer is the route's answer. */
export function engineHandlers({ engine, workspace, now }: Services): Pick<Handlers, Routes> {
  // The machine does not change while the app runs, and a training must not delay the answer.
  let report: Promise<EngineReport> | undefined;
  return {
    'engine.report': async () => {
      report ??= engine.run('engine.report', {}).result;
      try {
        return await report;
      } catch (error) {
        report = undefined;
        throw error;
      }
    },
    'engine.state': () => engine.state,
    'engine.restart': () => {
      engine.reset();
      return engine.state;
    },
    'model.inspect': async (input) => {
      const summary = await engine.run('model.inspect', input).result;
      await workspace.rememberModel(input.model, summary.name, now());
      return summary;
    },
    'model.inspectFile': async (input) => engine.run('model.inspectFile', input).result,
    'data.inspect': async (input) => engine.run('data.inspect', input).result,
    'data.preview': async (input) => engine.run('data.preview', input).result,
    'data.lengths': async (input) => engine.run('data.lengths', input).result,
    'train.estimate': async (input) => engine.run('train.estimate', input).result,
    'export.choices': async (input) => engine.run('export.choices', input).result,
    'study.list': async () => engine.run('study.list', { store: workspace.studies }).result,
    'study.open': async (input) => engine.run('study.open', input).result,
  };
}
