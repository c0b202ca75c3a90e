import { threadVariables } from '../speed/threadVariables.ts';
import { computeCacheDirectory } from '../util/paths.ts';
import defaults from './engine-environment.json' with { type: 'json' };

/** Variables of the person's environment that an engine process may see: to find files, models, proxies and the GPU. */
const inherited = new Set(
  [
    'PATH HOME USER LANG TZ TMPDIR LD_LIBRARY_PATH DYLD_LIBRARY_PATH HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY NODE_EXTRA_CA_CERTS',
    'SYSTEMROOT WINDIR COMSPEC PATHEXT TEMP TMP USERPROFILE APPDATA LOCALAPPDATA PROGRAMFILES PROGRAMDATA NUMBER_OF_PROCESSORS',
    'OLLAMA_MODELS LLAMA_CACHE HUGGINGFACE_HUB_CACHE',
  ]
    .join(' ')
    .split(' '),
);
const inheritedPrefixes = ['TF_', 'OMP_', 'CUDA_', 'NVIDIA_', 'HF_', 'PIP_', 'NPM_', 'SSL_', 'LC_', 'XDG_', 'SARA_'];

/**
 * The whole environment of an engine process. Only named variables pass (Electron's and Node's own switches would turn
 * the process into something else); TensorFlow's defaults are added where the person has not set them, and CUDA keeps the
 * kernels that it compiles in the app's cache: the next start of the engine finds them, whatever other programs compile.
 * @param threads threads of TensorFlow and OpenMP; 0 leaves the choice to them
 */
export function engineEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  threads: number,
): Record<string, string> {
  const environment: Record<string, string> = { ...defaults, CUDA_CACHE_PATH: computeCacheDirectory(own) };
  for (const [name, value] of Object.entries(own)) {
    const upper = name.toUpperCase();
    const passes = inherited.has(upper) || inheritedPrefixes.some((prefix) => upper.startsWith(prefix));
    if (value !== undefined && passes) environment[name] = value;
  }
  return threads > 0 ? { ...environment, ...threadVariables(threads) } : environment;
}
