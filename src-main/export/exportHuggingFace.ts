import { join } from 'node:path';
import type { ExportCheck, ExportResult, ProgressEvent } from '../contract/results.ts';
import type { TokenBatch } from '../decoder/batch.ts';
import { Decoder } from '../decoder/decoder.ts';
import type { AdapterSet } from '../methods/types.ts';
import { openModel } from '../models/open.ts';
import { requireArch } from '../models/openedModel.ts';
import { writeModelWeights } from '../models/safetensors/shardWriter.ts';
import { writtenBytes, type TensorToWrite, type WrittenType } from '../models/safetensors/writer.ts';
import type { OpenedModel } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { compareLogits, type LogitComparison } from './compareLogits.ts';
import { logitChecks } from './exportBounds.ts';
import { hashFiles } from './hashFiles.ts';
import { mergedTensors } from './mergedTensors.ts';
import { openOutputFolder } from './outputFolder.ts';
import { configWithType } from './writtenType.ts';

export interface HuggingFaceExport {
  readonly model: OpenedModel;
  readonly adapters: AdapterSet;
  readonly kernels: Kernels;
  readonly out: string;
  readonly type: WrittenType;
  /** README.md of the folder. */
  readonly modelCard: string;
  /** Held-out sequences on which adapter and written model are compared. */
  readonly probe: TokenBatch;
  readonly onProgress: (event: ProgressEvent) => void;
}

/** Room for tokenizer files, configuration, model card and report in the check of free space. */
const otherFilesBytes = 32e6;

/**
 * Merges an adapter into its base model and writes a Hugging Face folder: weights, config.json, every tokenizer and
 * generation file of the base byte for byte, a model card and `export_report.json`. The written files are read again,
 * and the folder only comes into being when they reproduce the adapter within the bounds of `exportBounds.ts`.
 * @throws AppError TARGET_EXISTS, NOT_WRITABLE, DISK_FULL, NON_FINITE, NOT_MERGEABLE, VERIFICATION_FAILED, CANCELLED;
 *   nothing half-written is left then
 */
export async function exportHuggingFace(request: HuggingFaceExport, signal: AbortSignal): Promise<ExportResult> {
  const { model, adapters, kernels, type, probe, onProgress } = request;
  const reference = await adapterLogits(request, signal);
  const tensors = mergedTensors(model, adapters, kernels, type);
  const weightBytes = tensors.reduce((total, tensor) => total + writtenBytes(tensor), 0);
  const folder = await openOutputFolder(request.out, weightBytes + otherFilesBytes);
  try {
    await writeModelWeights(folder.staging, tensors, undefined, {
      signal,
      onProgress: (done, total) => onProgress({ phase: 'Writing the merged weights', done, total }),
    });
    await writeCompanions(request, folder.staging);
    onProgress({ phase: 'Checking the written files', done: 0, total: 1 });
    const written = await openModel(folder.staging, signal);
    let comparison: LogitComparison;
    let planned: ExportCheck;
    try {
      planned = tensorCheck(tensors, written);
      const other = await logitsOf(written, kernels, probe, signal);
      comparison = compareLogits(reference, other, requireArch(model).vocabularySize);
    } finally {
      await written.close();
    }
    const checks = [planned, ...logitChecks(comparison, type)];
    const failed = checks.find((check) => !check.passed);
    if (failed) {
      throw new AppError(
        'VERIFICATION_FAILED',
        `The files written for ${folder.target} do not reproduce the adapter: ${failed.name} is ${failed.value}, which must be ${failed.bound}; nothing was kept.`,
        { details: checks },
      );
    }
    const files = await hashFiles(folder.staging, signal);
    const result: ExportResult = { out: folder.target, files, ...comparison, checks };
    const { out: _target, ...report } = result;
    await writeFileAtomic(
      join(folder.staging, 'export_report.json'),
      `${JSON.stringify({ type, ...report }, null, 2)}\n`,
    );
    await folder.commit();
    onProgress({ phase: 'Checking the written files', done: 1, total: 1 });
    return result;
  } finally {
    await folder.discard();
  }
}

async function adapterLogits(request: HuggingFaceExport, signal: AbortSignal): Promise<Float32Array> {
  request.onProgress({ phase: 'Answers of the adapter', done: 0, total: 1 });
  return logitsOf(request.model, request.kernels, request.probe, signal, request.adapters);
}

/** Logits of every token of the probe; the decoder is loaded for it alone, so that two never share the memory. */
async function logitsOf(
  model: OpenedModel,
  kernels: Kernels,
  probe: TokenBatch,
  signal: AbortSignal,
  adapters?: AdapterSet,
): Promise<Float32Array> {
  const decoder = await Decoder.load(kernels, requireArch(model), model.source, {}, signal);
  try {
    decoder.setAdapters(adapters);
    return await decoder.logits(probe, signal);
  } finally {
    decoder.dispose();
  }
}

async function writeCompanions({ model, type, modelCard }: HuggingFaceExport, folder: string): Promise<void> {
  const config = `${JSON.stringify(configWithType(model.config, type), null, 2)}\n`;
  await writeFileAtomic(join(folder, 'config.json'), config);
  await writeFileAtomic(join(folder, 'README.md'), modelCard);
  for (const file of model.carriedFiles) await writeFileAtomic(join(folder, file.name), await file.read());
}

/** Names, shapes and types of the written tensors against what was to be written. */
function tensorCheck(tensors: readonly TensorToWrite[], written: OpenedModel): ExportCheck {
  const wrong = tensors.filter((tensor) => {
    const info = written.source.tensors.get(tensor.name);
    return info?.type !== tensor.type || info.shape.join() !== tensor.shape.join();
  });
  const found = written.source.tensors.size;
  return {
    name: 'Tensors, shapes and types',
    passed: wrong.length === 0 && found === tensors.length,
    value: wrong[0] === undefined ? `${found} of ${tensors.length}` : `${wrong[0].name} differs`,
    bound: 'as planned',
  };
}
