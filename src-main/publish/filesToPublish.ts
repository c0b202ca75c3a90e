import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../util/appError.ts';

export interface FileToPublish {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/**
 * The files of an export: those directly in its folder, or one GGUF file. Hidden files and folders are left out.
 * @throws AppError FILE_NOT_FOUND, SETTINGS_INVALID where there are no weights: other folders go nowhere by mistake
 */
export async function filesToPublish(target: string): Promise<FileToPublish[]> {
  const entry = await stat(target).catch(() => undefined);
  if (entry === undefined) throw new AppError('FILE_NOT_FOUND', `${target} does not exist; check the path.`);
  const names = entry.isDirectory() ? (await readdir(target)).sort() : [path.basename(target)];
  const folder = entry.isDirectory() ? target : path.dirname(target);
  const files: FileToPublish[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const { size, isFile } = await stat(file).then((one) => ({ size: one.size, isFile: one.isFile() }));
    if (isFile && !name.startsWith('.')) files.push({ name, path: file, bytes: size });
  }
  if (!files.some(({ name }) => /\.(safetensors|gguf)$/i.test(name))) {
    throw new AppError('SETTINGS_INVALID', `${target} holds no weights; publish the folder or GGUF file of an export.`);
  }
  return files;
}
