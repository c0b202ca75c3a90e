/** The app as a person without rights starts it: with Chromium's sandbox, which it refuses to root, whom containers run tests as. */
import { chmodSync, chownSync, cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { findElectron } from '../../../src-main/setup/electronRuntime.mjs';
import { whyNoSandboxForOthers } from '../../../src-main/setup/sandbox.mjs';
import { nobody } from '../../support/ordinaryPerson.ts';
import type { Places } from './app.ts';

const isRoot = process.platform === 'linux' && process.geteuid?.() === 0;

/** The program under test: that of the package, else Electron's. */
function programUnderTest(): string {
  const program = process.env['SARA_PACKAGED'] ?? findElectron()?.program;
  if (program === undefined) throw new Error('The Electron runtime is missing: run npm run setup.');
  return program;
}

/** Why the sandbox cannot be tried on this machine; undefined when it can. */
export function whyNoSandboxHere(): string | undefined {
  return whyNoSandboxForOthers(dirname(programUnderTest()));
}

/**
 * The program to start instead of the app's own, and gives that user the folders of the test. To others than root it is
 * the app's own; for root it is a script beside these folders.
 */
export function programOfOrdinaryUser({ home, cache, state }: Places): string {
  const program = programUnderTest();
  if (!isRoot) return program;
  const folder = dirname(home);
  const runtime = join(folder, 'runtime');
  // Root's home, where the cache is, is closed to others; links to the same files are not.
  if (!existsSync(runtime)) linkTree(dirname(program), runtime);
  chmodSync(folder, 0o755);
  for (const place of [home, cache, state]) {
    for (const entry of [
      place,
      ...readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) => join(place, name)),
    ])
      chownSync(entry, nobody, nobody);
  }
  const script = join(folder, 'start.sh');
  // Playwright adds --no-sandbox for root, which the app would obey.
  writeFileSync(
    script,
    `#!/bin/sh
left=$#
while [ $left -gt 0 ]; do
  [ "$1" = --no-sandbox ] || set -- "$@" "$1"
  shift
  left=$((left - 1))
done
export HOME='${home}'
cd /
exec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups --inh-caps=-all '${program.replace(dirname(program), runtime)}' "$@"
`,
  );
  chmodSync(script, 0o755);
  return script;
}

/** Links where that is possible, since a runtime has 200 MB and a package 700 MB; copies otherwise. */
function linkTree(from: string, to: string): void {
  if (spawnSync('cp', ['--archive', '--link', from, to]).status === 0) return;
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}
