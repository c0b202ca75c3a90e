import { formatBytes, formatCount } from '../contract/format.ts';
import { inspectFileRequestSchema } from '../contract/requests.schema.ts';
import type { Command } from './command.ts';
import { validated } from './optionValues.ts';
import { table } from './terminal.ts';

/** Longest value of an entry that is shown in full; chat templates have thousands of characters. */
const shownCharacters = 100;

/** What stands in a weights file. */
export const inspect: Command = {
  name: 'inspect',
  usage: 'FILE',
  positionals: 1,
  summary: 'List metadata and tensors of a safetensors or GGUF file.',
  options: {},
  async run({ positionals, output, run }) {
    const request = validated(inspectFileRequestSchema, { path: positionals[0] }, { path: 'FILE' });
    const contents = await run('model.inspectFile', request);
    if (output.json) {
      output.value(contents);
      return;
    }
    const { format, bytes, metadata, tensors, parameters } = contents;
    output.line(
      `${contents.path}: ${format}, ${formatBytes(bytes)}, ${tensors.length} tensors, ${formatCount(parameters)} values`,
    );
    if (metadata.length > 0) output.line('');
    for (const { key, value } of metadata) output.line(`${key} = ${shown(value)}`);
    if (tensors.length === 0) return;
    output.line('');
    const rows = tensors.map((tensor) => [
      tensor.name,
      tensor.type,
      `[${tensor.shape.join(', ')}]`,
      tensor.bytes === undefined ? '–' : formatBytes(tensor.bytes),
    ]);
    output.line(table(['tensor', 'type', 'shape', 'size'], rows));
  },
};

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'length' in value && 'first' in value) {
    const items = Array.isArray(value.first) ? value.first.slice(0, 5) : [];
    return `${String(value.length)} items: ${items.map((item) => JSON.stringify(item)).join(', ')} …`;
  }
  const text = JSON.stringify(value);
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)} … (${text.length} characters)` : text;
}
