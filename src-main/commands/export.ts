import { exportRequestSchema } from '../contract/requests.schema.ts';
import { formatBytes } from '../contract/format.ts';
import type { Command, CommandCall, OptionSpec } from './command.ts';
import { text, validated, withoutUndefined } from './optionValues.ts';

const commonOptions: Readonly<Record<string, OptionSpec>> = {
  out: { type: 'string', value: 'DIR', description: 'New folder to write.' },
  dtype: {
    type: 'string',
    value: 'f32|f16|bf16',
    description: 'Type of the written weights (default: the base model’s, f32 for quantised ones).',
  },
  checkpoint: { type: 'string', value: 'best|last', description: 'Checkpoint to merge (default best).' },
};

/** Merges a run’s adapter into its base model as a Hugging Face folder. */
export const merge: Command = {
  name: 'merge',
  usage: 'RUN --out DIR',
  positionals: 1,
  summary: 'Merge a run into its base model and check what was written.',
  options: commonOptions,
  run: (call) => write(call, 'hf'),
};

/** Exports a run in a format. */
export const exportCommand: Command = {
  name: 'export',
  usage: 'RUN --format hf --out DIR',
  positionals: 1,
  summary: 'Export a run for another program.',
  options: {
    format: { type: 'string', value: 'hf', description: 'hf: merged Hugging Face folder (default).' },
    ...commonOptions,
  },
  run: (call) => write(call, text(call.options, 'format')),
};

async function write({ positionals, options, output, run }: CommandCall, format: string | undefined): Promise<void> {
  const request = validated(
    exportRequestSchema,
    withoutUndefined({
      run: positionals[0],
      out: text(options, 'out'),
      dtype: text(options, 'dtype'),
      checkpoint: text(options, 'checkpoint'),
      format,
    }),
    { run: 'RUN', out: '--out', dtype: '--dtype', checkpoint: '--checkpoint', format: '--format' },
  );
  const result = await run('export.run', request, (event) =>
    output.progress(event.phase, event.total > 0 ? event.done / event.total : undefined),
  );
  if (output.json) {
    const { out, files, maxAbsLogitDiff, kl, topOneAgreement } = result;
    output.value({ out, files, maxAbsLogitDiff, kl, topOneAgreement });
    return;
  }
  for (const file of result.files)
    output.line(`${file.name.padEnd(32)} ${formatBytes(file.bytes).padStart(9)}  ${file.sha256.slice(0, 12)}`);
  for (const check of result.checks)
    output.line(`${check.passed ? 'ok  ' : 'FAIL'} ${check.name}: ${check.value} (bound ${check.bound})`);
  output.line(`Written to ${result.out}`);
}
