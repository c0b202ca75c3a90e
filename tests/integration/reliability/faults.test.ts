/** What a person's computer does to a training: each answered with a sentence, and nothing lost. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../../src-main/contract/errors.ts';
import { readEvents } from '../../../src-main/runs/runEvents.ts';
import { scenarios } from '../../torture/cases.ts';
import { trainParameters, writeRows, type Materials } from '../../torture/materials.ts';
import { differences, outcomeOfRun, type Outcome } from '../../torture/outcome.ts';
import { runCommand } from '../../torture/program.ts';
import { canMountDrives, DriveShell } from '../../support/temporaryDrive.ts';

const root = path.join(import.meta.dirname, '../../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'sara-faults-'));
const materials: Materials = {
  model: path.join(root, 'resources/samples/stories260K'),
  rows: path.join(folder, 'rows.jsonl'),
  program: path.join(root, 'out/cli/cli.cjs'),
};
const places = { program: materials.program, cache: path.join(folder, 'cache'), threads: 1 };
const [scenario] = scenarios;
if (scenario === undefined) throw new Error('There are no scenarios.');
let undisturbed: Outcome;

beforeAll(async () => {
  writeRows(materials.rows);
  const run = path.join(folder, 'undisturbed');
  expect(await runCommand(places, trainParameters(materials, scenario, run))).toMatchObject({ code: 0 });
  undisturbed = await outcomeOfRun(run);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The shell's command line for a training or resumption in it. */
function commandLine(parameters: readonly string[]): string {
  const quoted = [process.execPath, materials.program, ...parameters].map((part) => `'${part}'`).join(' ');
  return `SARA_CACHE='${places.cache}' ${quoted} > /dev/null`;
}

async function expectWhole(run: string): Promise<void> {
  expect(differences(undisturbed, await outcomeOfRun(run))).toEqual([]);
}

/** Waits until a folder has a checkpoint of this step or a later one. */
async function checkpointReached(run: string, step: number): Promise<void> {
  const steps = (): number[] => {
    try {
      return readdirSync(path.join(run, 'checkpoints')).map((name) => Number(/^step-(\d+)$/.exec(name)?.[1] ?? -1));
    } catch {
      return [];
    }
  };
  while (!steps().some((found) => found >= step)) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe.runIf(canMountDrives())('a drive', () => {
  it.each([
    ['200k, too small for one checkpoint', '200k', /no space left to write .*run.* \[DISK_FULL\]/],
    ['600k, too small for those that are kept', '600k', /needs .* more on the drive of .*run.* \[DISK_FULL\]/],
  ])(
    'of %s, ends the training with DISK_FULL before its first step; with room it goes on',
    async (_what, size, told) => {
      const drive = path.join(folder, `full ${size}`);
      const kept = path.join(folder, `kept ${size}`);
      mkdirSync(drive);
      const shell = new DriveShell();
      await shell.run(`mount -t tmpfs -o size=${size} tmpfs '${drive}'`);
      const run = path.join(drive, 'run');
      const full = await shell.run(commandLine(trainParameters(materials, scenario, run)));
      expect(full.code).toBe(exitCodes.environment);
      expect(full.output).toMatch(told);
      expect((await shell.run(`grep -c '"event":"step"' '${run}/metrics.jsonl' || true`)).output).toMatch(
        /^0$|No such/,
      );
      await shell.run(`mount -o remount,size=64m '${drive}'`);
      const resumed = await shell.run(
        `if [ -e '${run}/run.json' ]; then ${commandLine(['resume', run, '--json'])}; else ${commandLine(trainParameters(materials, scenario, run))}; fi`,
      );
      expect(resumed).toMatchObject({ code: 0 });
      await shell.run(`cp -r '${run}' '${kept}'`);
      shell.close();
      await expectWhole(kept);
    },
  );

  it('that others fill meanwhile ends the training with DISK_FULL; with room it goes on', async () => {
    const drive = path.join(folder, 'filled');
    const kept = path.join(folder, 'kept filled');
    mkdirSync(drive);
    const shell = new DriveShell();
    await shell.run(`mount -t tmpfs -o size=32m tmpfs '${drive}'`);
    const run = path.join(drive, 'run');
    const training = commandLine(trainParameters(materials, scenario, run));
    const full = await shell.run(
      `${training} & while [ ! -e '${run}/checkpoints/step-000008' ]; do sleep 0.01; done; dd if=/dev/zero of='${drive}/other' bs=4k 2> /dev/null; wait $!`,
    );
    expect(full.code).toBe(exitCodes.environment);
    expect(full.output).toMatch(/no space left to write .*run.* \[DISK_FULL\]/);
    await shell.run(`rm '${drive}/other'`);
    expect(await shell.run(commandLine(['resume', run, '--json']))).toMatchObject({ code: 0 });
    await shell.run(`cp -r '${run}' '${kept}'`);
    shell.close();
    await expectWhole(kept);
  });

  it('that is read-only is told before anything is computed, and a run on it goes on when it can be written', async () => {
    const drive = path.join(folder, 'read-only');
    const backing = path.join(folder, 'read-only backing');
    mkdirSync(drive);
    const run = path.join(drive, 'run');
    const begun = path.join(backing, 'run');
    const started = runCommand(places, trainParameters(materials, scenario, begun), (strike) => {
      void checkpointReached(begun, 8).then(strike);
      return () => undefined;
    });
    expect((await started).signal).toBe('SIGKILL');
    const shell = new DriveShell();
    await shell.run(`mount --bind '${backing}' '${drive}' && mount -o remount,bind,ro '${drive}'`);
    for (const parameters of [['resume', run], trainParameters(materials, scenario, path.join(drive, 'new'))]) {
      const refused = await shell.run(commandLine(parameters));
      expect(refused.code, refused.output).toBe(exitCodes.environment);
      expect(refused.output).toMatch(/cannot be written; .* \[NOT_WRITABLE\]/);
    }
    await shell.run(`mount -o remount,bind,rw '${drive}'`);
    expect(await shell.run(commandLine(['resume', run, '--json']))).toMatchObject({ code: 0 });
    shell.close();
    await expectWhole(begun);
  });

  it('that is taken away stops the training with a sentence; nothing is written in its place, nothing on it is lost', async () => {
    const drive = path.join(folder, 'taken');
    const backing = path.join(folder, 'taken backing');
    mkdirSync(drive);
    mkdirSync(backing);
    const run = path.join(drive, 'run');
    const shell = new DriveShell();
    await shell.run(`mount --bind '${backing}' '${drive}'`);
    const training = shell.run(commandLine(trainParameters(materials, scenario, run)) + ` & echo $! > '${folder}/pid'`);
    await training;
    await checkpointReached(path.join(backing, 'run'), 8);
    const ended = await shell.run(`umount -l '${drive}'; wait $(cat '${folder}/pid')`);
    expect(ended.code).toBe(exitCodes.input);
    expect(ended.output).toMatch(/connect its drive .* resume\. \[FILE_NOT_FOUND\]/);
    expect(readdirSync(drive)).toEqual([]);
    await shell.run(`mount --bind '${backing}' '${drive}'`);
    expect(await shell.run(commandLine(['resume', run, '--json']))).toMatchObject({ code: 0 });
    shell.close();
    await expectWhole(path.join(backing, 'run'));
  });
});

describe('a run', () => {
  it('that another process trains is refused with its number, and the training is not disturbed', async () => {
    const run = path.join(folder, 'two processes');
    let second: Promise<Awaited<ReturnType<typeof runCommand>>> | undefined;
    const first = runCommand(places, trainParameters(materials, scenario, run), (_strike) => {
      void checkpointReached(run, 4).then(() => (second = runCommand(places, ['resume', run])));
      return () => undefined;
    });
    const { pid } = await new Promise<{ pid: number }>((resolve) => {
      void checkpointReached(run, 4).then(() =>
        resolve(JSON.parse(readFileSync(path.join(run, 'run.lock'), 'utf8')) as { pid: number }),
      );
    });
    expect(await first).toMatchObject({ code: 0 });
    const refused = await second;
    // On a fast machine the first may be done before the second has started: then it is given back as it is.
    if (refused?.code !== 0) {
      expect(refused?.code).toBe(exitCodes.input);
      expect(refused?.stderr).toMatch(
        new RegExp(`Process ${pid} is using the run .*wait until it ends.* \\[RUN_BUSY\\]`),
      );
    }
    await expectWhole(run);
  });

  it('comes to the same when its process stood still for a while, as in a sleeping computer', async () => {
    const run = path.join(folder, 'asleep');
    const child = spawn(process.execPath, [materials.program, ...trainParameters(materials, scenario, run)], {
      stdio: 'ignore',
      env: { ...process.env, SARA_CACHE: places.cache, TF_NUM_INTRAOP_THREADS: '1', OMP_NUM_THREADS: '1' },
    });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    for (const step of [4, 12, 24]) {
      await checkpointReached(run, step);
      child.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 300));
      child.kill('SIGCONT');
    }
    expect(await ended).toBe(0);
    await expectWhole(run);
  });

  it('comes to the same, with times that make sense, when the clock jumps by days and years', async () => {
    const run = path.join(folder, 'jumping clock');
    const before = path.join(folder, 'jumpingClock.cjs');
    // Each look at the clock finds it somewhere else, as where a computer sets it by the network again and again.
    writeFileSync(
      before,
      'const now = Date.now; const jumps = [0, -9e10, 86400e3, -3600e3, 3e10]; let looks = 0;\n' +
        'Date.now = () => now() + jumps[looks++ % jumps.length];\n',
    );
    const jumping = { ...places, before };
    expect(await runCommand(jumping, trainParameters(materials, scenario, run))).toMatchObject({ code: 0 });
    await expectWhole(run);
    const steps = (await readEvents(run, 1000)).filter((event) => event.event === 'step');
    expect(steps.length).toBeGreaterThan(10);
    for (const [i, { elapsedSeconds, etaSeconds, tokensPerSecond }] of steps.entries()) {
      expect(elapsedSeconds).toBeGreaterThanOrEqual(steps[i - 1]?.elapsedSeconds ?? 0);
      expect(elapsedSeconds).toBeLessThan(600);
      expect(etaSeconds).toBeGreaterThanOrEqual(0);
      expect(etaSeconds).toBeLessThan(6000);
      expect(tokensPerSecond).toBeGreaterThan(0);
    }
  });

  it('whose files are damaged after a kill, each in turn, comes to the same from the checkpoint before', async () => {
    const killed = path.join(folder, 'killed');
    const ended = await runCommand(places, trainParameters(materials, scenario, killed), (strike) => {
      void checkpointReached(killed, 16).then(strike);
      return () => undefined;
    });
    expect(ended.signal).toBe('SIGKILL');
    const newest = readdirSync(path.join(killed, 'checkpoints'))
      .filter((name) => name.startsWith('step-'))
      .sort()
      .at(-1);
    if (newest === undefined) throw new Error('There is no checkpoint.');
    const flip = 'let b=fs.readFileSync(f);b[b.length>>1]^=16;fs.writeFileSync(f,b)';
    const harms = {
      [`checkpoints/${newest}/adapter.safetensors`]: flip,
      [`checkpoints/${newest}/state.json`]: 'fs.truncateSync(f,90)',
      'run.json': 'fs.rmSync(f)',
    };
    for (const [file, harm] of Object.entries(harms)) {
      const run = path.join(folder, `damaged ${path.basename(file)}`);
      cpSync(killed, run, { recursive: true });
      await runScript(`const fs=require('fs');const f=process.argv[1];${harm}`, path.join(run, file));
      const resumed = await runCommand(places, ['resume', run]);
      expect(resumed).toMatchObject({ code: 0 });
      // The message names the file; the window shows the same note among the run's events.
      expect(resumed.stderr).toContain(file.replaceAll('/', path.sep));
      await expectWhole(run);
    }
  });
});

async function runScript(script: string, file: string): Promise<void> {
  await new Promise((resolve) => spawn(process.execPath, ['-e', script, file]).on('exit', resolve));
}
