import { formatBytes } from '../contract/format.ts';
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
    const { out, files, maxAbsLogitDiff, kl, topOneAgreement, notes = [], format: written, type, frozenGates } = result;
    output.value({ out, format: written, type, files, maxAbsLogitDiff, kl, topOneAgreement, notes, frozenGates });
    return;
  }
  for (const file of result.files)
    output.line(`${file.name.padEnd(32)} ${formatBytes(file.bytes).padStart(9)}  ${file.sha256.slice(0, 12)}`);
  for (const line of checkLines(result.checks)) output.line(line);
  for (const note of result.notes ?? []) output.note(note);
  output.line(`Written to ${result.out}`);
}
