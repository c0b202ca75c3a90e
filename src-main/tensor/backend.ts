import { existsSync } from 'node:fs';
import os from 'node:os';
import type { EngineReport } from '../contract/results.ts';
import { AppError } from '../util/appError.ts';
import type { Binding } from './binding.ts';
import { Kernels } from './kernels.ts';
import { dataTypes, typeAttribute } from './opAttributes.ts';

type TensorFlow = typeof import('@tensorflow/tfjs-node-gpu');

/** What is known of the libtensorflow in use. */
export type BackendReport = Pick<
  EngineReport,
  'package' | 'packageVersion' | 'tensorflowVersion' | 'flavour' | 'device' | 'noGpuReason' | 'oneDnn' | 'threads'
>;

export interface Backend {
  readonly kernels: Kernels;
  /** tfjs itself, for oracles in tests; the engine calls kernels alone. */
  readonly tf: TensorFlow;
  readonly report: BackendReport;
}

/** The GPU package falls back to the CPU by itself; the twin is what macOS has. */
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

let opened: Promise<Backend> | undefined;

/**
 * Loads libtensorflow once a process: the GPU package, or else its CPU twin.
 * @throws AppError BACKEND_MISSING
 */
export async function openBackend(): Promise<Backend> {
  opened ??= load();
  return opened;
}

async function load(): Promise<Backend> {
  const reasons: string[] = [];
  for (const name of packages) {
    try {
      const tf = await importPackage(name);
      return { kernels: new Kernels(bindingOf(tf)), tf, report: describeBackend(name, tf) };
    } catch (error) {
      reasons.push(`${name}: ${firstLines(error)}`);
    }
  }
  throw new AppError(
    'BACKEND_MISSING',
    `TensorFlow cannot be loaded; run npm run setup and read its last line (${reasons.join('; ')}).`,
    { details: reasons },
  );
}

async function importPackage(name: (typeof packages)[number]): Promise<TensorFlow> {
  // Literal names, so that bundlers leave the packages outside. Both export the same.
  const module =
    name === '@tensorflow/tfjs-node-gpu'
      ? await import('@tensorflow/tfjs-node-gpu')
      : ((await import('@tensorflow/tfjs-node')) as unknown as TensorFlow);
  // A CommonJS module that is imported lies under `default`.
  return 'default' in module ? (module.default as TensorFlow) : module;
}

function bindingOf(tf: TensorFlow): Binding {
  const backend: unknown = tf.backend();
  if (typeof backend === 'object' && backend !== null && 'binding' in backend) return backend.binding as Binding;
  throw new AppError('BACKEND_MISSING', 'TensorFlow’s addon is loaded but not in use; run npm run setup.');
}

function describeBackend(name: (typeof packages)[number], tf: TensorFlow): BackendReport {
  const binding = bindingOf(tf);
  const flavour = isCudaBuild(binding) ? 'cuda' : 'cpu';
  const device = binding.isUsingGpuDevice() ? 'gpu' : 'cpu';
  return {
    package: name,
    packageVersion: tf.version['tfjs-node'],
    tensorflowVersion: binding.TF_Version,
    flavour,
    device,
    ...(device === 'gpu' ? {} : { noGpuReason: noGpuReason(flavour) }),
    oneDnn: process.env['TF_ENABLE_ONEDNN_OPTS'] === '1',
    threads: Number(process.env['TF_NUM_INTRAOP_THREADS'] ?? 0) || os.cpus().length,
  };
}

/** Asks for an op that only CUDA has; the refusal lists the kernels that the library was built with. */
function isCudaBuild(binding: Binding): boolean {
  const input = binding.createTensor([], dataTypes.float, new Float32Array(1));
  try {
    const inputs = [input, input, input, input];
    binding.executeOp('CudnnRNN', [typeAttribute('T', dataTypes.float)], inputs, 4);
    return true;
  } catch (error) {
    return !firstLines(error, 20).includes('<no registered kernels>');
  } finally {
    binding.deleteTensor(input);
  }
}

function noGpuReason(flavour: 'cpu' | 'cuda'): string {
  if (flavour === 'cpu') return 'This is the CPU build of TensorFlow.';
  if (process.platform === 'linux' && !existsSync('/proc/driver/nvidia/version')) {
    return 'There is no NVIDIA driver on this machine.';
  }
  return 'TensorFlow found no usable NVIDIA GPU; its CUDA libraries may be missing or the driver too old.';
}

function firstLines(error: unknown, count = 1): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n').slice(0, count).join('\n');
}
