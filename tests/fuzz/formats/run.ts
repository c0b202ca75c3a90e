/** Folders of runs, as somebody might hand them on. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  checkpointSteps,
  openCheckpoint,
  openNewestCheckpoint,
  writeCheckpoint,
} from '../../../src-main/runs/checkpoints.ts';
import { readExports } from '../../../src-main/runs/exportLog.ts';
import { readCurves } from '../../../src-main/runs/runCurves.ts';
import { readEvents, RunEventLog } from '../../../src-main/runs/runEvents.ts';
import { copyRecord, readRunOrCopy, writeRun } from '../../../src-main/runs/runFolder.ts';
import { isRunHeld } from '../../../src-main/runs/runLock.ts';
import { readRunNotes, writeRunNotes } from '../../../src-main/runs/runNotes.ts';
import { readSamples, readStartLosses } from '../../../src-main/runs/validationSamples.ts';
import { readAdapterFile, writeAdapterFile } from '../../../src-main/training/adapterFile.ts';
import type { Rng } from '../../../src-main/util/rng.ts';
import { RunFolders } from '../../../src-main/workspace/runFolders.ts';
import { sampleRecord } from '../../unit/runs/sampleRecord.ts';
import { refusable, type Format } from '../format.ts';
import { pick } from '../hostile.ts';
import { mutateBytes } from '../mutateBytes.ts';
import { childOf, mutateTree, textOf, treeOf, type Tree } from '../mutateJson.ts';

/** In the folder of runs. */
const runName = 'run';
const steps = [2, 4] as const;

/** A small sound run, written by the code that writes runs. */
async function writeSoundRun(run: string): Promise<void> {
  const record = sampleRecord({ state: 'done', step: 4, last: { step: 4 }, best: { step: 2, loss: 1.5 }, baseLoss: 3 });
  await writeRun(run, record);
  for (const step of steps) {
    await writeCheckpoint(
      run,
      {
        step,
        data: { epoch: 0, index: 4 },
        dataHash: 'd',
        best: record.best,
        baseLoss: 3,
        evaluationsWithoutGain: 0,
        tokens: 100,
        elapsedSeconds: 1,
      },
      async (folder) => {
        await copyRecord(folder, record);
        await writeAdapterFile(path.join(folder, 'adapter.safetensors'), {
          method: record.config.method,
          base: { name: 'm', sha256: 'abc' },
          tensors: new Map([['model.layers.0.self_attn.q_proj.lambda', { shape: [2], data: Float32Array.of(1, 2) }]]),
        });
      },
    );
  }
  const log = await RunEventLog.open(run, -1);
  await log.append({ event: 'eval', step: 0, loss: 3, best: false } as never);
  for (let step = 1; step <= 4; step++) {
    await log.append({
      event: 'step',
      step,
      loss: 3 - step / 4,
      lr: 1e-3,
      gradNorm: 1,
      tokensPerSecond: 9,
      tokens: 9,
    } as never);
  }
  await log.close();
  await writeRunNotes(run, { tags: ['a'], note: 'b' });
}

function filesBelow(folder: string, within = ''): Record<string, Buffer> {
  return Object.assign(
    {},
    ...readdirSync(path.join(folder, within), { withFileTypes: true }).map((entry) => {
      const name = path.join(within, entry.name);
      return entry.isDirectory() ? filesBelow(folder, name) : { [name]: readFileSync(path.join(folder, name)) };
    }),
  ) as Record<string, Buffer>;
}

export async function runFormat(): Promise<Format> {
  const made = mkdtempSync(path.join(os.tmpdir(), 'sara-fuzz-run-'));
  await writeSoundRun(made);
  const own = filesBelow(made);
  rmSync(made, { recursive: true });
  const sound = Object.fromEntries(Object.entries(own).map(([name, bytes]) => [path.join(runName, name), bytes]));
  const parse = (name: string): Tree => treeOf(JSON.parse(own[name]?.toString('utf8') ?? '{}'));
  const record = parse('run.json');
  if (record.kind === 'object') record.entries = record.entries.filter(([key]) => key !== 'checksum');
  const checkpoint = path.join('checkpoints', 'step-000004');
  const state = parse(path.join(checkpoint, 'state.json'));
  const lines = (own['metrics.jsonl']?.toString('utf8') ?? '')
    .trim()
    .split('\n')
    .map((line) => treeOf(JSON.parse(line)));
  const makers: readonly ((rng: Rng) => [string, string | Buffer])[] = [
    (rng) => ['run.json', textOf(mutateTree(rng, record))],
    (rng) => [path.join(checkpoint, 'state.json'), stateText(rng, state)],
    (rng) => ['metrics.jsonl', lines.map((line) => textOf(rng.next() < 0.5 ? line : mutateTree(rng, line))).join('\n')],
    (rng) => [
      'run.lock',
      textOf(mutateTree(rng, treeOf({ pid: 1, host: os.hostname(), processStart: null, token: 't' }))),
    ],
    (rng) => ['notes.json', textOf(mutateTree(rng, treeOf({ tags: ['a'], note: 'b' })))],
    (rng) => [
      'exports.jsonl',
      textOf(mutateTree(rng, treeOf({ format: 'hf', out: '/x', at: '2026-01-01T00:00:00Z', bytes: 1 }))),
    ],
    (rng) => [
      path.join('samples', pick(rng, ['best.json', 'last.json', 'start.json'])),
      textOf(mutateTree(rng, treeOf([{ row: 1, loss: 2 }]))),
    ],
    (rng) => {
      const name = pick(rng, Object.keys(own));
      return [name, mutateBytes(rng, own[name] ?? Buffer.alloc(0))];
    },
  ];
  return {
    name: 'run',
    sound,
    make(rng) {
      const files = Array.from({ length: 1 + rng.integer(2) }, () => pick(rng, makers)(rng));
      return Object.fromEntries(files.map(([name, content]) => [path.join(runName, name), content]));
    },
    use: (folder) => useRun(folder),
  };
}

/** With a checksum that fits most times, so that what is behind it is reached. */
function stateText(rng: Rng, state: Tree): string {
  const changed = mutateTree(rng, state);
  const content = childOf(changed, 'content');
  if (content === undefined || changed.kind !== 'object' || rng.next() < 0.1) return textOf(changed);
  let plain: string;
  try {
    plain = JSON.stringify(JSON.parse(textOf(content)));
  } catch {
    return textOf(changed);
  }
  const sha256 = createHash('sha256').update(plain).digest('hex');
  changed.entries = changed.entries.map(([key, entry]) => [
    key,
    key === 'sha256' ? { kind: 'text', text: `"${sha256}"` } : entry,
  ]);
  return textOf(changed);
}

async function useRun(folder: string): Promise<void> {
  const run = path.join(folder, runName);
  const runs = new RunFolders(folder);
  await refusable(() => runs.list());
  await refusable(() => readRunOrCopy(run));
  await refusable(() => readEvents(run, 1_000));
  await refusable(() => readCurves(run, 100));
  await refusable(() => Promise.all([readExports(run), readRunNotes(run), readSamples(run), readStartLosses(run)]));
  await refusable(() => isRunHeld(run));
  await refusable(() => openNewestCheckpoint(run));
  for (const step of await checkpointSteps(run)) {
    await refusable(async () => {
      const opened = await openCheckpoint(run, step);
      await readAdapterFile(path.join(opened.folder, 'adapter.safetensors'));
    });
  }
}
