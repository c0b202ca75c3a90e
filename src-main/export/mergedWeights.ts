import type { AdapterSet, MatrixAdapter, Parameter } from '../methods/types.ts';
import { transposedMatrices } from '../models/transposed.ts';
import { valueCount } from '../util/valueCount.ts';
import type { OpenedModel, TensorInfo } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { uploadMatrix } from '../tensor/uploadWeight.ts';
import { AppError } from '../util/appError.ts';

/** A tensor that is read in rows, under its Hugging Face name and in that layout. */
export interface WeightRows {
  readonly name: string;
  readonly shape: readonly number[];
  /** Rows `from … from+count-1` (first dimension) as float32. */
  readRows(from: number, count: number): Promise<Float32Array>;
}

/**
 * The tensors of a merged model, W = W0 + ΔW on every adapted matrix and the base's own values elsewhere. Everything is
 * added in float32 on a copy. ΔW of one matrix at a time is in memory.
 * @param adapters undefined for the model as it is
 * @throws when rows are read: NON_FINITE when a merged value is not finite, NOT_MERGEABLE
 */
export function mergedWeights(model: OpenedModel, adapters: AdapterSet | undefined, kernels: Kernels): WeightRows[] {
  const transposed = transposedMatrices(model.arch);
  let current: { readonly name: string; readonly delta: Float32Array } | undefined;
  const deltaOf = async (name: string, adapter: MatrixAdapter): Promise<Float32Array> => {
    if (current?.name !== name) current = { name, delta: await download(adapter, model, kernels) };
    return current.delta;
  };
  return [...model.source.tensors.values()].map((info) => {
    const matrix = info.name.endsWith('.weight') ? info.name.slice(0, -'.weight'.length) : info.name;
    const trained = adapters?.weights?.get(info.name);
    if (trained !== undefined) return trainedRows(trained, info, transposed.has(matrix), kernels);
    const adapter = adapters?.matrices.get(matrix);
    const read = (from: number, count: number): Promise<Float32Array> => model.source.readRows(info.name, from, count);
    if (!adapter) return { name: info.name, shape: info.shape, readRows: read };
    return {
      name: info.name,
      shape: info.shape,
      async readRows(from, count) {
        // The reader owns what it is given; a source may hand out a view of its own buffer.
        const room = new Float32Array(count * valueCount(info.shape.slice(1)));
        const given = await model.source.readRows(info.name, from, count, room);
        const rows = given.buffer === room.buffer ? given : given.slice();
        addDelta(rows, await deltaOf(matrix, adapter), info, from, transposed.has(matrix));
        return rows;
      },
    };
  });
}

/** A tensor that was itself trained, in the file's layout. It is read once for all its rows, and then let go. */
function trainedRows(parameter: Parameter, info: TensorInfo, transposed: boolean, kernels: Kernels): WeightRows {
  const [rows = 1] = info.shape;
  let values: Float32Array | undefined;
  const read = (): Float32Array => {
    if (!transposed) return kernels.download(parameter.value);
    const turned = kernels.transpose(parameter.value, [1, 0]);
    const data = kernels.download(turned);
    kernels.free(turned);
    return data;
  };
  return {
    name: info.name,
    shape: info.shape,
    async readRows(from, count) {
      values ??= read();
      const width = values.length / rows;
      const chosen = values.slice(from * width, (from + count) * width);
      if (from + count >= rows) values = undefined;
      assertFinite(chosen, info.name);
      return Promise.resolve(chosen);
    },
  };
}

/**
 * Adds rows `from …` of ΔW [d_out, d_in] to rows of the stored weight, which is [d_in, d_out] when transposed.
 * @throws AppError NON_FINITE
 */
function addDelta(rows: Float32Array, delta: Float32Array, info: TensorInfo, from: number, transposed: boolean): void {
  const width = info.shape[1] ?? 1;
  if (!transposed) {
    const start = from * width;
    let sum = 0;
    for (let i = 0; i < rows.length; i++) {
      const merged = Math.fround((rows[i] ?? 0) + (delta[start + i] ?? 0));
      rows[i] = merged;
      sum += merged - merged;
    }
    if (sum === 0) return;
  } else {
    const deltaWidth = info.shape[0] ?? 1;
    for (let i = 0; i < rows.length; i++) {
      const row = from + Math.floor(i / width);
      rows[i] = (rows[i] ?? 0) + (delta[(i % width) * deltaWidth + row] ?? 0);
    }
  }
  assertFinite(rows, info.name);
}

function assertFinite(values: Float32Array, name: string): void {
  // x − x is 0, or NaN for what is not finite. Every value of a model passes here: a loop over indexes is many times as
  // fast as one over the values themselves.
  let [even, odd] = [0, 0];
  for (let i = 0; i < values.length; i += 2) {
    even += (values[i] ?? 0) - (values[i] ?? 0);
    odd += (values[i + 1] ?? 0) - (values[i + 1] ?? 0);
  }
  if (even + odd === 0) return;
  throw new AppError(
    'NON_FINITE',
    `Merging makes values of ${name} that are not finite; train again with a lower learning rate, or merge an earlier checkpoint.`,
  );
}

/** One matrix is read at once; who writes the rows looks at the real signal between them. */
const never = new AbortController().signal;

async function download(adapter: MatrixAdapter, model: OpenedModel, kernels: Kernels): Promise<Float32Array> {
  const { name, shape } = adapter.matrix;
  const weight =
    adapter.needsWeight === true
      ? await uploadMatrix(
          kernels,
          model.source,
          `${name}.weight`,
          shape,
          transposedMatrices(model.arch).has(name),
          never,
        )
      : undefined;
  const delta = adapter.delta(weight);
  try {
    return kernels.download(delta);
  } finally {
    kernels.free(delta, ...(weight === undefined ? [] : [weight]));
  }
}
