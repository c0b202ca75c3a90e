import { statfs } from 'node:fs/promises';
import path from 'node:path';

/** Free bytes on the drive of a folder, which may not be there yet; undefined where the system does not tell. */
export async function freeSpace(folder: string): Promise<number | undefined> {
  let place = path.resolve(folder);
  for (;;) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch {
      const parent = path.dirname(place);
      if (parent === place) return undefined;
      place = parent;
    }
  }
}
