// The shared libraries that Electron needs on Linux, a virtual display where there is none, and a font.
import { existsSync, readdirSync } from 'node:fs';
import { hasDisplay } from './display.mjs';
import { ensurePackages } from './systemPackages.mjs';
import { findProgram, run } from './run.mjs';

const electronPackages = [
  'libnss3',
  'libatk1.0-0',
  'libatk-bridge2.0-0',
  'libcups2',
  'libdrm2',
  'libgtk-3-0',
  'libgbm1',
  'libasound2',
  'libxss1',
  'libxtst6',
];

/** @param {string} program the Electron program */
async function missingLibraries(program) {
  const { stdout } = await run('ldd', [program], { seconds: 30 });
  return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map(([, name = '']) => name);
}

function hasFont() {
  const folders = ['/usr/share/fonts', '/usr/local/share/fonts', `${process.env['HOME'] ?? ''}/.fonts`];
  return folders.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

/**
 * Brings what is missing of the system's libraries; does nothing on other systems than Linux.
 * @param {string} electron the Electron program
 */
export async function ensureSystemLibraries(electron) {
  if (process.platform !== 'linux') return;
  const libraries = await missingLibraries(electron);
  const needsDisplay = !hasDisplay() && findProgram('Xvfb') === undefined;
  const needsFont = !hasFont();
  if (libraries.length === 0 && !needsDisplay && !needsFont) return;
  const packages = [
    ...(libraries.length > 0 ? electronPackages : []),
    ...(needsDisplay ? ['xvfb'] : []),
    ...(needsFont ? ['fonts-dejavu-core'] : []),
  ];
  const missing = [
    ...libraries,
    ...(needsDisplay ? ['a display, real or virtual,'] : []),
    ...(needsFont ? ['a font'] : []),
  ];
  await ensurePackages(packages, `What the window needs (${missing.join(', ').replace(/,$/, '')})`);
}
