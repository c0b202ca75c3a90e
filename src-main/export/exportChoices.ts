import { exportFormatNames, exportFormats, floatTypes, ggufQuants } from '../contract/exportFormats.ts';
import { loraParameters } from '../contract/rank.ts';
import type { ExportChoice } from '../contract/results.ts';
import type { RunRecord } from '../contract/training.ts';
import { methodOf } from '../methods/registry.ts';
import { ggufTensorName } from '../models/families/ggufNames.ts';
import { tensorType } from '../models/gguf/tensorChoice.ts';
import { ggufTensorBytes } from '../models/gguf/writer.ts';
import { valueCount } from '../util/valueCount.ts';
import type { OpenedModel } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import { adapterRefusal, exportedRanks, type ExportedRank } from './adapterForms.ts';
import { assertGgufPossible } from './ggufMetadata.ts';
import { ggufFamilyOf } from './ggufTensors.ts';

const floatBytes = { f32: 4, f16: 2, bf16: 2 } as const;

/**
 * Each format with its sizes, and where it is not possible the reason; nothing is loaded for it.
 * @param checkpoint of a run; undefined for a model as it is
 */
export async function exportChoices(
  model: OpenedModel,
  checkpoint: { readonly record: RunRecord; readonly folder: string } | undefined,
): Promise<ExportChoice[]> {
  const record = checkpoint?.record;
  const ranks = checkpoint === undefined ? [] : await exportedRanks(checkpoint.record, checkpoint.folder);
  const noGguf = await refusalOf(async () => assertGgufPossible(model));
  const noAdapter = record === undefined ? 'A model as it is holds no adapter; choose a run.' : undefined;
  const choices = exportFormatNames.map((format): ExportChoice => {
    const ofAdapter = record === undefined ? noAdapter : adapterRefusal(record.config.method, format);
    const refusal = exportFormats[format].holds === 'adapter' ? ofAdapter : format === 'hf' ? undefined : noGguf;
    if (refusal !== undefined) return { format, refusal, bytes: {} };
    switch (format) {
      case 'hf':
        return { format, bytes: byFloat(model.summary.parameters) };
      case 'gguf':
      case 'ollama':
        return { format, bytes: ggufBytes(model) };
      case 'peft':
        return { format, bytes: byFloat(adapterValues(ranks, true)) };
      case 'peft-compact':
      case 'lora-gguf':
        return { format, bytes: byFloat(adapterValues(ranks, false)) };
      case 'native':
        return { format, bytes: { f32: 4 * ((record?.trainable ?? 0) + frozenValues(record)) } };
    }
  });
  return choices.map((choice) => (needsFrozenGates(choice, record) ? { ...choice, needsFrozenGates: true } : choice));
}

function needsFrozenGates({ format, refusal }: ExportChoice, record: RunRecord | undefined): boolean {
  const method = record?.config.method;
  return method?.name === 'mosara' && method.sets > 1 && format !== 'native' && refusal === undefined;
}

/** Values of the adapters that are saved and not trained. */
function frozenValues(record: RunRecord | undefined): number {
  if (record === undefined) return 0;
  const { method } = record.config;
  return record.ranks.reduce((sum, matrix) => sum + methodOf(method).cost(matrix, method).frozen, 0);
}

function byFloat(values: number): Record<string, number> {
  return Object.fromEntries(floatTypes.map((type) => [type, values * floatBytes[type]]));
}

/** Values of A and B over all matrices; `padded`: all at the largest rank. */
function adapterValues(ranks: readonly ExportedRank[], padded: boolean): number {
  const largest = Math.max(0, ...ranks.map(({ rank }) => rank));
  return ranks.reduce(
    (sum, { rank, shape, further }) => sum + loraParameters(shape, padded ? largest : rank) + further,
    0,
  );
}

function ggufBytes(model: OpenedModel): Record<string, number> {
  const family = ggufFamilyOf(model);
  const tensors = [...model.source.tensors.values()].map(({ name, shape }) => {
    const place = ggufTensorName(family, name);
    const turned = place?.layout === 'transposed' && shape.length === 2 ? [...shape].reverse() : shape;
    return { name: place?.name ?? name, shape: turned };
  });
  const ownHead = tensors.some(({ name }) => name === 'output.weight');
  return Object.fromEntries(
    ggufQuants.map((quant) => {
      const bytes = tensors.reduce((sum, { name, shape }) => {
        if (valueCount(shape) === 0) return sum;
        const type = tensorType(quant, name, shape, model.summary.layers, ownHead);
        return sum + ggufTensorBytes({ shape, type });
      }, 0);
      return [quant, bytes];
    }),
  );
}

async function refusalOf(check: () => Promise<void>): Promise<string | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}
