/**
 * The native adapter: `adapter.safetensors`. It is exact for every method, since it holds the method's own tensors
 * rather than a ΔW. In a checkpoint those that are never trained (U and Vt; A0 and B0; norm) are left out: they lie in
 * `frozen.safetensors` of the run, since they are most of the file and the same in all checkpoints.
 *
 * Tensors, float32: `MODULE PATH.PART`, for example `model.layers.0.self_attn.q_proj.A`. The parts are those of the
 * method’s equation, which stands in its folder of `methods/`; for a weight of shape [d_out, d_in] and rank k:
 * - sara: `A` [k, d_in], `lambda` [k], `B` [d_out, k]
 * - lora: `A`, `B`
 * - pissa: `A`, `B`, and their start values `A0`, `B0`
 * - dora: `A`, `B`, `magnitude` [d_out], and `norm` [d_out] of W0
 * - adalora: as sara
 * - full: the model's own tensors that were trained, under their names
 * - mosara: `U` [d_out, k], `Vt` [k, d_in], `lambda` [n, k], `Wg` [n, k] or `w1` [k] and `W2` [n], `v` [d_out] or none
 *
 * Header metadata: `format` = `sara-studio-adapter`, `version` = `1`, `method` = the method's settings as JSON,
 * `base_model` = its name, `base_sha256` = the hash of its weights (WeightSource.hash).
 */
import path from 'node:path';
import { methodSchema, type MethodConfig } from '../contract/methods.schema.ts';
import type { AdapterTensor, StateTensor } from '../methods/types.ts';
import { SafetensorsFile } from '../models/safetensors/reader.ts';
import { tensorToWrite, writeSafetensors, type TensorToWrite } from '../models/safetensors/writer.ts';
import type { Checkpoint } from '../runs/checkpoints.ts';
import { AppError } from '../util/appError.ts';
import { valueCount } from '../util/valueCount.ts';

/** In a checkpoint's folder. */
export const adapterFile = 'adapter.safetensors';
/** In a run's folder. */
export const frozenFile = 'frozen.safetensors';
const format = 'sara-studio-adapter';

export interface NativeAdapter {
  readonly method: MethodConfig;
  readonly base: { readonly name: string; readonly sha256: string };
  readonly tensors: ReadonlyMap<string, AdapterTensor>;
}

/** Values at hand, or read from the backend one tensor at a time. */
type WrittenTensors = ReadonlyMap<string, AdapterTensor | StateTensor>;

/** @throws AppError DISK_FULL, NOT_WRITABLE */
export async function writeAdapterFile(
  file: string,
  adapter: Omit<NativeAdapter, 'tensors'> & { readonly tensors: WrittenTensors },
): Promise<void> {
  await writeTensors(file, adapter.tensors, {
    format,
    version: '1',
    method: JSON.stringify(adapter.method),
    base_model: adapter.base.name,
    base_sha256: adapter.base.sha256,
  });
}

/** @throws AppError CHECKPOINT_DAMAGED when it is not an adapter of this version, SAFETENSORS_INVALID, FILE_NOT_FOUND */
export async function readAdapterFile(file: string): Promise<NativeAdapter> {
  const { tensors, metadata } = await readTensors(file);
  const { format: found, version, method, base_model: name, base_sha256: sha256 } = metadata;
  if (found !== format || version !== '1' || method === undefined || name === undefined || sha256 === undefined) {
    throw notAdapter(file);
  }
  return { method: parseMethod(file, method), base: { name, sha256 }, tensors };
}

/**
 * The adapter of a checkpoint, with the tensors that all checkpoints of the run share.
 * @throws AppError as {@link readAdapterFile}
 */
export async function readCheckpointAdapter(
  run: string,
  { folder, shared = {} }: Pick<Checkpoint, 'folder' | 'shared'>,
): Promise<NativeAdapter> {
  const adapter = await readAdapterFile(path.join(folder, adapterFile));
  if (!(frozenFile in shared)) return adapter;
  const frozen = await readTensors(path.join(run, frozenFile));
  return { ...adapter, tensors: new Map([...adapter.tensors, ...frozen.tensors]) };
}

/** Float32 tensors to a safetensors file. */
export async function writeTensors(
  file: string,
  tensors: WrittenTensors,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const list = [...tensors].map(([name, tensor]) =>
    'data' in tensor ? tensorToWrite(name, tensor.shape, tensor.data) : readWhenWritten(name, tensor),
  );
  await writeSafetensors(file, list, { metadata });
}

/** In memory only while its rows are written. */
function readWhenWritten(name: string, { shape, read }: StateTensor): TensorToWrite {
  let values: Float32Array | undefined;
  return {
    name,
    shape,
    type: 'F32',
    async readRows(from, count) {
      values ??= read();
      const width = values.length / (shape[0] ?? 1);
      const rows = values.subarray(from * width, (from + count) * width);
      if (from + count >= (shape[0] ?? 1)) values = undefined;
      return Promise.resolve(rows);
    },
  };
}

/** All tensors of a safetensors file, as float32. */
export async function readTensors(
  file: string,
): Promise<{ readonly tensors: Map<string, AdapterTensor>; readonly metadata: Readonly<Record<string, string>> }> {
  const opened = await SafetensorsFile.open(file);
  try {
    const tensors = new Map<string, AdapterTensor>();
    for (const { name, shape } of opened.entries.values()) {
      const count = valueCount(shape);
      tensors.set(name, { shape, data: await opened.readValues(name, 0, count) });
    }
    return { tensors, metadata: opened.metadata };
  } finally {
    await opened.close();
  }
}

function parseMethod(file: string, text: string): MethodConfig {
  try {
    return methodSchema.parse(JSON.parse(text));
  } catch (error) {
    throw notAdapter(file, error);
  }
}

function notAdapter(file: string, cause?: unknown): AppError {
  return new AppError('CHECKPOINT_DAMAGED', `${file} is not an adapter that this version of SARA Studio can read.`, {
    cause,
  });
}
