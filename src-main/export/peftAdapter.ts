/**
 * Adapters for PEFT. Source: PEFT's checkpoint format (docs/source/developer_guides/checkpoint.md) and, for how the
 * readers differ, vLLM's PEFTHelper and llama.cpp's adapter loader.
 */
import { join } from 'node:path';
import { transposedMatrices } from '../models/transposed.ts';
import { tensorToWrite, writeSafetensors, writtenBytes } from '../models/safetensors/writer.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { adapterCard } from './adapterCard.ts';
import { adapterFactors, paddedFactors, scaledFactors, type AdapterFactors } from './adapterFactors.ts';
import type { ExportPlan, ExportSource } from './exportPlan.ts';
import { floatType } from './writtenType.ts';

const prefix = 'base_model.model.';

/** vLLM takes ranks up to 16 unless told otherwise. */
const usualRankLimit = 16;

/**
 * `peft`: every matrix is filled up with zeros to the largest rank, and alpha equals it: readers that know one rank and
 * one scale for all matrices get the same function as those that know more. `peft-compact`: a rank for each matrix;
 * alpha / rank differs, so its inverse is folded into B.
 * @throws AppError NOT_MERGEABLE, SETTINGS_INVALID
 */
export function planPeftAdapter(source: ExportSource, format: 'peft' | 'peft-compact'): ExportPlan {
  const type = floatType(source.dtype ?? 'f32');
  const factors = adapterFactors(source, true);
  const largest = Math.max(...factors.map(({ rank }) => rank));
  const rankOf = (factor: AdapterFactors): number => (format === 'peft' ? largest : factor.rank);
  const tensors = factors.flatMap((factor) => {
    const { A, B } = paddedFactors(scaledFactors(factor, rankOf(factor) / largest), rankOf(factor));
    return [
      { ...A, name: `${prefix}${factor.name}.lora_A.weight`, type },
      { ...B, name: `${prefix}${factor.name}.lora_B.weight`, type },
      ...magnitudeTensor(factor),
    ];
  });
  const dora = factors.some(({ magnitude }) => magnitude !== undefined);
  const ranks = factors.map((factor) => ({ name: factor.name, rank: rankOf(factor) }));
  return {
    format,
    type,
    tensors: tensors.map(({ name, shape, type: own }) => ({
      name,
      shape,
      type: own,
      bytes: writtenBytes({ shape, type: own }),
    })),
    notes: [
      ...(largest > usualRankLimit
        ? [
            `The largest rank is ${largest}; vLLM needs --max-lora-rank ${largest} or more, where it supports that rank.`,
          ]
        : []),
      ...(dora ? ['PEFT reads DoRA; vLLM and llama.cpp do not: for them export a merged model.'] : []),
    ],
    async write(folder, { signal, onProgress }) {
      const file = 'adapter_model.safetensors';
      const digest = await writeSafetensors(join(folder, file), tensors, { signal, onProgress });
      const config = `${JSON.stringify({ ...peftConfig(source, ranks, largest), ...(dora ? { use_dora: true } : {}) }, null, 2)}\n`;
      await writeFileAtomic(join(folder, 'adapter_config.json'), config);
      await writeFileAtomic(join(folder, 'README.md'), adapterCard(source, format));
      return new Map([[file, digest]]);
    },
  };
}

/** The lengths of rows after DoRA, always as float32, as they are trained. */
function magnitudeTensor({ name, magnitude }: AdapterFactors) {
  if (magnitude === undefined) return [];
  const { shape, data } = magnitude;
  return [{ ...tensorToWrite(`${prefix}${name}.lora_magnitude_vector`, shape, data), type: 'F32' as const }];
}

interface MatrixRank {
  readonly name: string;
  readonly rank: number;
}

/** Only keys that PEFT has known since 0.8: an unknown one makes older versions fail. */
function peftConfig(source: ExportSource, matrices: readonly MatrixRank[], largest: number): object {
  const transposed = transposedMatrices(source.model.arch);
  const ranks = matrices.filter(({ rank }) => rank !== largest).map(({ name, rank }) => [name, rank] as const);
  return {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: source.model.summary.name,
    revision: null,
    inference_mode: true,
    r: largest,
    lora_alpha: largest,
    lora_dropout: 0,
    rank_pattern: Object.fromEntries(ranks),
    alpha_pattern: {},
    use_rslora: false,
    target_modules: matrices.map(({ name }) => name),
    modules_to_save: null,
    bias: 'none',
    // GPT-2's Conv1D stores its weights [in, out].
    fan_in_fan_out: matrices.some(({ name }) => transposed.has(name)),
    init_lora_weights: true,
    layers_to_transform: null,
    layers_pattern: null,
    auto_mapping: null,
  };
}
