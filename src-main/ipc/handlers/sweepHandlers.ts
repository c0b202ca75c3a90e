import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes =
  'sweep.list' | 'sweep.open' | 'trial.pull' | 'targets.list' | 'targets.save' | 'targets.remove' | 'targets.test';

/** Sweeps that are kept, and the clusters they may run on. Tokens never go back to the window. */
export function sweepHandlers({ engine, workspace, targets, now }: Services): Pick<Handlers, Routes> {
  return {
    'sweep.list': async () => engine.run('sweep.list', { store: workspace.sweeps }).result,
    'sweep.open': async (input) => engine.run('sweep.open', input).result,
    'trial.pull': async ({ folder, trial }) => {
      const sweep = await engine.run('sweep.open', { folder }).result;
      const target = sweep.target === undefined ? {} : { target: await targets.call(sweep.target) };
      const out = await workspace.runs.create(sweep.sweep.config, now());
      // The run is written beside its place and renamed: the folder only kept the name free.
      await workspace.runs.discardEmpty(out);
      const record = await engine.run('trial.pull', { folder, trial, out, ...target }).result;
      return { path: out, record };
    },
    'targets.list': async () => targets.list(),
    'targets.save': async ({ target, token }) => {
      await targets.save(target, token);
      return targets.list();
    },
    'targets.remove': async ({ name }) => {
      await targets.remove(name);
      return targets.list();
    },
    'targets.test': async ({ name }) => engine.run('target.test', { target: await targets.call(name) }).result,
  };
}
