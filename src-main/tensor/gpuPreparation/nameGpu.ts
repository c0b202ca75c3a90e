import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const mostMilliseconds = 10_000;

/** Names and driver versions of the NVIDIA GPUs here, or `unknown` where nvidia-smi is not there or does not answer. */
export async function nameGpu(program = 'nvidia-smi'): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(
      program,
      ['--query-gpu=name,driver_version', '--format=csv,noheader'],
      { timeout: mostMilliseconds, windowsHide: true },
    );
    return stdout.trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
