import { formatBytes, formatMeasure, formatShare } from '../contract/format.ts';
import { exportCommands } from '../contract/exportCommands.ts';
import type { BaseRounding } from '../contract/results.ts';
import type { Command, CommandCall } from './command.ts';
import { checkLines } from './checkLines.ts';
import { exportOptions, exportRequest, formatNotes, mergeOptions } from './exportOptions.ts';
import { acceptedFreeze } from './freezeGates.ts';
import { text } from './optionValues.ts';

/** Merges a run’s adapter into its base model as a Hugging Face folder. */
export const merge: Command = {
  name: 'merge',
  usage: 'RUN --out DIR',
  positionals: 1,
  summary: 'Merge a run into its base model and check what was written.',
  options: mergeOptions,
  run: (call) => write(call, 'hf'),
};

/** Exports a run in a format. */
export const exportCommand: Command = {
  name: 'export',
  usage: 'RUN|MODEL --format FORMAT --out PATH',
  positionals: 1,
  summary: 'Export a run, or a model as it is, for another program.',
  options: exportOptions,
  notes: formatNotes,
  run: (call) => write(call, text(call.options, 'format')),
};

/** What the quantisation of the base costs, as far as it is known. */
function baseRoundingText({ type, relativeError, kl, topOneAgreement }: BaseRounding): string {
  return (
    `The base is stored in ${type}: by its steps its weights lie about ${formatShare(relativeError)} from their originals. ` +
    `Noise of that size on them changes the answers by a KL divergence of ${formatMeasure(kl)} and keeps ` +
    `${formatShare(topOneAgreement)} of the most probable tokens. With the originals at hand, ` +
    'sara verify BASE --against ORIGINAL measures the loss itself.'
  );
}

async function write(call: CommandCall, format: string | undefined): Promise<void> {
  const { output, run } = call;
  const request = exportRequest(call, format);
  const freezeGates = await acceptedFreeze(call, request);
  const result = await run(
    'export.run',
    { ...request, ...(freezeGates === undefined ? {} : { freezeGates }) },
    (event) => output.progress(event.phase, event.total > 0 ? event.done / event.total : undefined),
  );
  if (output.json) {
    const {
      checks: _checks,
      tensors: _tensors,
      positions: _positions,
      notes = [],
      seconds: _seconds,
      ...told
    } = result;
    output.value({ ...told, notes });
    return;
  }
  for (const file of result.files)
    output.line(`${file.name.padEnd(32)} ${formatBytes(file.bytes).padStart(9)}  ${file.sha256.slice(0, 12)}`);
  for (const line of checkLines(result.checks)) output.line(line);
  for (const note of result.notes ?? []) output.note(note);
  if (result.baseRounding !== undefined) output.note(baseRoundingText(result.baseRounding));
  output.line(`Written to ${result.out}`);
  const { format: written } = result;
  if (written === undefined) return;
  for (const { program, command } of exportCommands({ ...result, format: written }, 'BASE', process.platform)) {
    output.line(`${program}: ${command}`);
  }
}
