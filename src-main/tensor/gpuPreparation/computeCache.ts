import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { computeCacheDirectory } from '../../util/paths.ts';

/** Devices of NVIDIA's driver, and of Windows's under WSL. */
const devices = ['/dev/nvidiactl', '/dev/dxg'];

/**
 * Makes the folder in which CUDA keeps compiled kernels, where the environment names the app's own and there may be a GPU.
 * To be called before TensorFlow is loaded. Where it cannot be made, CUDA compiles anew in every process.
 */
export async function makeComputeCache(): Promise<void> {
  const folder = computeCacheDirectory();
  if (process.env['CUDA_CACHE_PATH'] !== folder) return;
  if (process.platform === 'win32' || devices.some((device) => existsSync(device))) {
    await mkdir(folder, { recursive: true }).catch(() => undefined);
  }
}
