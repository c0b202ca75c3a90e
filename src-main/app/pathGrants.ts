import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../util/appError.ts';

/**
 * The files and folders that the window may name: what the person chose in a dialog or dropped, the workspace, the
 * samples, recent models. A granted folder includes everything in it. Symbolic links are followed before comparing, so
 * that a link inside a granted folder does not lead out of it.
 */
export class PathGrants {
  readonly #roots = new Set<string>();

  /** Grants a file or folder, there or yet to be made. Gives its absolute path. */
  async grant(target: string): Promise<string> {
    const absolute = path.resolve(target);
    this.#roots.add(await resolveLinks(absolute));
    return absolute;
  }

  /** @throws AppError FORBIDDEN when the path is not absolute or not within a granted file or folder */
  async assertGranted(target: string): Promise<void> {
    if (path.isAbsolute(target) && !target.includes('\0')) {
      const resolved = await resolveLinks(path.resolve(target));
      for (const root of this.#roots) {
        if (isWithin(root, resolved)) return;
      }
    }
    throw new AppError(
      'FORBIDDEN',
      `${target.slice(0, 500)} was not opened in this app; choose it in the dialog first.`,
    );
  }
}

function isWithin(root: string, target: string): boolean {
  const relative = path.relative(root, target);
  return relative === '' || (!path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..');
}

/** The real path; of what is not there yet, the real path of the nearest folder that is, and the rest. */
async function resolveLinks(absolute: string): Promise<string> {
  try {
    return await realpath(absolute);
  } catch {
    const parent = path.dirname(absolute);
    return parent === absolute ? absolute : path.join(await resolveLinks(parent), path.basename(absolute));
  }
}
