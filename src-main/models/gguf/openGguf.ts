import { AppError } from '../../util/appError.ts';
import type { OpenedModel } from '../types.ts';

export function openGgufModel(file: string): Promise<OpenedModel> {
  return Promise.reject(new AppError('GGUF_INVALID', `${file} cannot be opened.`));
}
