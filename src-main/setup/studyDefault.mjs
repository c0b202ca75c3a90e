// `npm run study:default [-- --pieces N] [-- PLAN...]`: the ablation that the defaults of the methods follow from. Each
// plan is docs/experiments/PLAN.json; its finished points are kept beside it, and EXPERIMENTS.md is made from them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildChanged } from './build.mjs';
import { runInPlace } from './child.mjs';
import { engineProcessEnvironment } from './engineProcess.mjs';
import { prepare } from './prepare.mjs';
import { cacheFolder, outFolder } from './project.mjs';
import { runProgram, SetupError } from './setupError.mjs';

/** Points of a piece: a few minutes on SmolLM2. */
const pointsPerPiece = 10;

/** Each plan with its model. SmolLM2 is the registry's file, whose weights are the same everywhere. */
const plans = {
  stories260K: join('resources', 'samples', 'stories260K'),
  smollm2: join(cacheFolder(), 'models', 'smollm2-135m-instruct', 'SmolLM2-135M-Instruct.Q4_1.gguf'),
};

/** @param {readonly string[]} parameters */
function sara(parameters) {
  const program = join(outFolder, 'cli', 'cli.cjs');
  return runInPlace(process.execPath, [program, ...parameters], engineProcessEnvironment());
}

/**
 * @param {string} plan
 * @param {string} model
 * @param {readonly string[]} limit
 */
function runPlan(plan, model, limit) {
  const folder = join('docs', 'experiments');
  const files = ['--config', join(folder, `${plan}.json`), '--store', join(folder, plan), '--no-result'];
  return sara(['study', 'ablation', model, ...files, ...limit, '--page', 'EXPERIMENTS.md', '--section', plan]);
}

await runProgram(async () => {
  const { values, positionals } = parseArgs({ options: { pieces: { type: 'string' } }, allowPositionals: true });
  const pieces = values.pieces === undefined ? undefined : Number(values.pieces);
  if (pieces !== undefined && !(Number.isInteger(pieces) && pieces >= 0)) {
    throw new SetupError('--pieces needs a whole number; 0 makes EXPERIMENTS.md anew from what is there.', 2);
  }
  const unknown = positionals.find((name) => !(name in plans));
  if (unknown !== undefined) {
    throw new SetupError(`There is no plan ${unknown}; the plans are ${Object.keys(plans).join(', ')}.`, 2);
  }
  await prepare({ window: false, engine: true });
  await buildChanged(['cli']);
  const limit = pieces === undefined ? [] : ['--limit', String(pieces * pointsPerPiece)];
  for (const [plan, model] of Object.entries(plans)) {
    if (positionals.length > 0 && !positionals.includes(plan)) continue;
    if (!existsSync(model)) {
      throw new SetupError(`The model ${model} is not there: npm test fetches it, and so does its sample in the app.`);
    }
    const code = await runPlan(plan, model, limit);
    if (code !== 0) return code;
  }
  return 0;
});
