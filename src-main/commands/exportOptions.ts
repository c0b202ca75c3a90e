import { exportFormatNames, exportFormats, floatTypes, ggufQuants } from '../contract/exportFormats.ts';
import { exportRequestSchema, type ExportRequest } from '../contract/requests.schema.ts';
import { AppError } from '../util/appError.ts';
import { freezeOptions } from './freezeGates.ts';
import type { CommandCall, OptionSpec } from './command.ts';
import { text, validated, withoutUndefined } from './optionValues.ts';

export const checkpointOption: OptionSpec = {
  type: 'string',
  value: 'best|last|STEP',
  description: 'Checkpoint of the run (default best).',
};

export const mergeOptions: Readonly<Record<string, OptionSpec>> = {
  out: { type: 'string', value: 'PATH', description: 'New folder to write; for one GGUF also FILE.gguf.' },
  dtype: {
    type: 'string',
    value: floatTypes.join('|'),
    description: 'hf: type of the weights (default: the base model’s). Adapters: default f32.',
  },
  'shard-size': {
    type: 'string',
    value: 'SIZE',
    description: 'hf: largest size of one weights file, such as 2GB (default 5GB).',
  },
  checkpoint: checkpointOption,
  ...freezeOptions,
};

export const exportOptions: Readonly<Record<string, OptionSpec>> = {
  format: { type: 'string', value: 'FORMAT', description: 'One of the formats below (default hf).' },
  quant: {
    type: 'string',
    value: ggufQuants.join('|'),
    description: 'gguf, ollama: type of the weights (default f16, q8_0 for a quantised base).',
  },
  ...mergeOptions,
};

/** The formats for --help. */
export const formatNotes: readonly string[] = [
  'Formats:',
  ...exportFormatNames.map((name) => `  ${name.padEnd(13)} ${exportFormats[name].purpose}`),
];

const optionNames = {
  run: 'RUN',
  out: '--out',
  dtype: '--dtype',
  quant: '--quant',
  shardBytes: '--shard-size',
  checkpoint: '--checkpoint',
  format: '--format',
} as const;

/** @throws AppError USAGE */
export function exportRequest({ positionals, options }: CommandCall, format: string | undefined): ExportRequest {
  const request = validated(
    exportRequestSchema,
    withoutUndefined({
      run: positionals[0],
      out: text(options, 'out'),
      dtype: text(options, 'dtype'),
      quant: text(options, 'quant'),
      shardBytes: size(text(options, 'shard-size')),
      ...checkpointOf(text(options, 'checkpoint')),
      format,
    }),
    optionNames,
  );
  const { types } = exportFormats[request.format];
  for (const option of ['dtype', 'quant'] as const) {
    if (request[option] !== undefined && types !== option) {
      throw new AppError('USAGE', `--${option} does not go with the format ${request.format}.`);
    }
  }
  return request;
}

/** `best`, `last`, or the number of a step. */
export function checkpointOf(value: string | undefined): { checkpoint?: string; step?: number } {
  if (value === undefined) return {};
  return /^\d+$/.test(value) ? { step: Number(value) } : { checkpoint: value };
}

const units: Readonly<Record<string, number>> = { '': 1, KB: 1e3, MB: 1e6, GB: 1e9 };

/** @throws AppError USAGE */
function size(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*(KB|MB|GB)?$/i.exec(value) ?? [];
  const factor = units[unit.toUpperCase()];
  if (digits === undefined || factor === undefined) {
    throw new AppError('USAGE', `--shard-size needs a size such as 500MB or 2GB, not "${value}".`);
  }
  return Math.round(Number(digits) * factor);
}
