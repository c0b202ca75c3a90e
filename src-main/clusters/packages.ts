/** Packages of a job: zip files named by the hash of what is in them, so that none is sent twice. */
import { createHash } from 'node:crypto';
import { zipSync, type Zippable } from 'fflate';
import type { Dashboard } from './dashboard.ts';

/** Files by their path inside the package. */
export type PackageFiles = Readonly<Record<string, Uint8Array>>;

/**
 * Brings a package to the dashboard, unless it is there already.
 * @param compress off for what is compressed already
 * @returns its address for `runtime_env`
 */
export async function ensurePackage(
  dashboard: Dashboard,
  files: PackageFiles,
  compress: boolean,
): Promise<{ address: string; sentBytes: number }> {
  const names = Object.keys(files).sort();
  const hash = createHash('sha256');
  for (const name of names) {
    hash.update(
      `${name}\0${createHash('sha256')
        .update(files[name] ?? new Uint8Array())
        .digest('hex')}\n`,
    );
  }
  const name = `_ray_pkg_${hash.digest('hex').slice(0, 32)}.zip`;
  const address = `gcs://${name}`;
  if (await dashboard.hasPackage(name)) return { address, sentBytes: 0 };
  const content: Zippable = {};
  for (const file of names) content[file] = files[file] ?? new Uint8Array();
  // The same files are the same bytes, whenever they are packed.
  const zip = zipSync(content, { level: compress ? 6 : 0, mtime: new Date('2020-01-01T00:00:00Z') });
  await dashboard.putPackage(name, zip);
  return { address, sentBytes: zip.length };
}
