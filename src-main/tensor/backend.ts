import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { EngineReport, NoGpuCause } from '../contract/results.ts';
import { AppError } from '../util/appError.ts';
import type { Binding, NativeBinding } from './binding.ts';
import { GraphBinding } from './graph/graphBinding.ts';
import { Kernels } from './kernels.ts';
import { dataTypes, typeAttribute } from './opAttributes.ts';

/** What is known of the libtensorflow in use. */
export type BackendReport = Pick<
  EngineReport,
  | 'package'
  | 'packageVersion'
  | 'tensorflowVersion'
  | 'flavour'
  | 'device'
  | 'noGpuReason'
  | 'noGpuCause'
  | 'oneDnn'
  | 'threads'
>;

export interface Backend {
  readonly kernels: Kernels;
  /** What the kernels call. */
  readonly binding: Binding;
  readonly report: BackendReport;
}

/** The GPU package falls back to the CPU by itself; the twin is what macOS has. */
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** Where the packages keep their addon. */
const addon = path.join('lib', 'napi-v8', 'tfjs_binding.node');

let opened: Promise<Backend> | undefined;

/**
 * Loads libtensorflow once a process: the GPU package's, or else that of its CPU twin.
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
      const { binding, version } = openAddon(name);
      const kernels = new Kernels(binding.isUsingGpuDevice() ? binding : new GraphBinding(binding));
      return { kernels, binding, report: describeBackend(name, version, binding) };
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

/** The package's addon alone: its JavaScript would take as long to load as libtensorflow, and is not called. */
function openAddon(name: (typeof packages)[number]): { readonly binding: NativeBinding; readonly version: string } {
  const require = createRequire(__filename);
  const description = require.resolve(`${name}/package.json`);
  const { version } = require(description) as { readonly version: string };
  const file = path.join(path.dirname(description), addon);
  const inElectron = process.platform === 'linux' && 'electron' in process.versions;
  return { binding: (inElectron ? openApart(file) : require(file)) as NativeBinding, version };
}

/**
 * Opens an addon whose libraries find the system's `malloc` before Electron's, which is there for every library of its
 * process and ends it at a request for 2 GiB: TensorFlow's regions of memory grow beyond that.
 */
function openApart(file: string): unknown {
  const { RTLD_LAZY, RTLD_DEEPBIND } = os.constants.dlopen;
  const module = { exports: {} };
  process.dlopen(module, file, RTLD_LAZY | RTLD_DEEPBIND);
  return module.exports;
}

function describeBackend(name: (typeof packages)[number], packageVersion: string, binding: Binding): BackendReport {
  const flavour = isCudaBuild(binding) ? 'cuda' : 'cpu';
  const device = binding.isUsingGpuDevice() ? 'gpu' : 'cpu';
  return {
    package: name,
    packageVersion,
    tensorflowVersion: binding.TF_Version,
    flavour,
    device,
    ...(device === 'gpu' ? {} : noGpu(flavour)),
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

function noGpu(flavour: 'cpu' | 'cuda'): { readonly noGpuReason: string; readonly noGpuCause: NoGpuCause } {
  if (process.platform === 'darwin') {
    return { noGpuReason: 'TensorFlow has no GPU kernels for macOS.', noGpuCause: 'mac' };
  }
  if (flavour === 'cpu') return { noGpuReason: 'This is the CPU build of TensorFlow.', noGpuCause: 'cpu-build' };
  if (process.platform === 'linux' && !existsSync('/proc/driver/nvidia/version')) {
    return { noGpuReason: 'There is no NVIDIA driver on this machine.', noGpuCause: 'no-driver' };
  }
  return {
    noGpuReason: 'TensorFlow found no usable NVIDIA GPU; its CUDA libraries may be missing or the driver too old.',
    noGpuCause: 'no-device',
  };
}

function firstLines(error: unknown, count = 1): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n').slice(0, count).join('\n');
}
