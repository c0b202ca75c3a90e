// Set-up of a node of a cluster (`node clusterNode.mjs cpu|cuda`): the engine's npm packages, libtensorflow and the addon.
// It runs in a folder of its own in the node's cache, from the files that came with a job.
import { fetchWithNpm } from './npm.mjs';
import { root } from './project.mjs';
import { reasonOf } from './run.mjs';
import { runProgram, SetupError } from './setupError.mjs';
import { installTensorFlow } from './tensorflow.mjs';

await runProgram(async () => {
  const flavour = process.argv[2] === 'cuda' ? 'cuda' : 'cpu';
  const parameters = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const outcome = await fetchWithNpm(parameters, { cwd: root, seconds: 1800 });
  if (outcome.code !== 0) {
    throw new SetupError(`The npm packages cannot be installed (${outcome.unreachable ?? reasonOf(outcome)}).`);
  }
  await installTensorFlow(flavour);
  return 0;
});
