/** Reads small files that somebody else may have made. */
import { open } from 'node:fs/promises';

const mebibyte = 2 ** 20;

/**
 * Most bytes of the files of a run, far beyond what any run has: names and settings take some kB, a checkpoint's state
 * grows with its matrices, samples hold rows of text.
 */
export const mostRunFileBytes = 16 * mebibyte;

/**
 * The whole of a text file.
 * @param mostBytes a larger file is not read
 * @throws RangeError saying how large it is; else what the file system says
 */
export async function readTextAtMost(file: string, mostBytes: number): Promise<string> {
  return (await readAtMost(file, mostBytes)).toString('utf8');
}

/** As {@link readTextAtMost}, the bytes. */
export async function readAtMost(file: string, mostBytes: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size > mostBytes) {
      const [has, may] = [size, mostBytes].map((bytes) => Math.ceil(bytes / mebibyte));
      throw new RangeError(`it has ${String(has)} MiB, more than the ${String(may)} that such a file may have`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
