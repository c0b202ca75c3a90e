// `npm run setup [-- --cpu | --gpu]`: brings everything for the app, the command line and the tests.
import { parseArgs } from 'node:util';
import { findElectron } from './electronRuntime.mjs';
import { installedTensorFlow } from './tensorflow.mjs';
import { findProgram } from './run.mjs';
import { prepare } from './prepare.mjs';
import { runProgram } from './setupError.mjs';
import { say } from './progress.mjs';

await runProgram(async () => {
  const { values } = parseArgs({ options: { cpu: { type: 'boolean' }, gpu: { type: 'boolean' } } });
  const flavour = values.gpu === true ? 'cuda' : values.cpu === true ? 'cpu' : undefined;
  await prepare({ window: true, engine: true, ...(flavour === undefined ? {} : { flavour }) });
  const electron = findElectron();
  const build = installedTensorFlow();
  say(
    `Electron ${electron?.version}${electron?.fallback === true ? ' (from the npm registry, for building and testing)' : ''}`,
  );
  say(
    `TensorFlow ${build?.tensorflow}, ${build?.flavour === 'cuda' ? 'CUDA' : 'CPU'} build, through ${build?.package} ${build?.packageVersion}`,
  );
  if (build?.flavour === 'cpu' && process.platform === 'linux' && findProgram('nvidia-smi') !== undefined) {
    say('There is an NVIDIA GPU: npm run setup -- --gpu brings the CUDA build (about 3 GB).');
  }
  return 0;
});
