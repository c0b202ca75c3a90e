/** What a measurement belongs to: the machine, the commit. */
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import type { Machine } from './results.ts';

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    gpu: firstLine('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader']) ?? null,
  };
}

export function commitOf(root: string): { readonly commit: string; readonly changed: boolean } {
  return {
    commit: firstLine('git', ['-C', root, 'rev-parse', '--short', 'HEAD']) ?? 'unknown',
    changed:
      firstLine('git', ['-C', root, 'status', '--porcelain', '--untracked-files=no', 'src-main', 'tests/bench']) !==
      undefined,
  };
}

/** Undefined when the program is not there, fails or says nothing. */
function firstLine(program: string, parameters: readonly string[]): string | undefined {
  try {
    const text = execFileSync(program, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const line = text.split('\n')[0]?.trim() ?? '';
    return line === '' ? undefined : line;
  } catch {
    return undefined;
  }
}
