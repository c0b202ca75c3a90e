import type { TextGates } from '../contract/gates.ts';
import { gatesRequestSchema } from '../contract/requests.schema.ts';
import { AppError } from '../util/appError.ts';
import type { Command } from './command.ts';
import { checkpointOf, checkpointOption } from './exportOptions.ts';
import { flag, text, validated, withoutUndefined } from './optionValues.ts';
import { table } from './terminal.ts';

/** The gates of a Mo-SARA run for a text. */
export const gates: Command = {
  name: 'gates',
  usage: 'RUN --text TEXT',
  positionals: 1,
  summary: 'Show how a Mo-SARA run mixes its sets of singular values for a text.',
  options: {
    text: { type: 'string', value: 'TEXT', description: 'Text whose tokens are gated.' },
    'as-prompt': { type: 'boolean', description: 'Take the text as a prompt in the layout of the run’s rows.' },
    matrix: {
      type: 'string',
      value: 'NAME',
      description: 'Show each token’s gates in this matrix (default: the mean over the tokens, in every matrix).',
    },
    checkpoint: checkpointOption,
  },
  async run({ positionals, options, output, run }) {
    const request = validated(
      gatesRequestSchema,
      withoutUndefined({
        run: positionals[0],
        text: text(options, 'text'),
        asPrompt: flag(options, 'as-prompt'),
        ...checkpointOf(text(options, 'checkpoint')),
      }),
      { run: 'RUN', text: '--text', checkpoint: '--checkpoint' },
    );
    const result = await run('gates.run', request);
    if (output.json) {
      output.value({
        ...result,
        matrices: result.matrices.map((own) => ({ ...own, gates: rowsOf(own.gates, result) })),
      });
      return;
    }
    const name = text(options, 'matrix');
    output.line(name === undefined ? meanTable(result) : tokenTable(result, name));
    if (result.leftOut > 0) output.note(`${result.leftOut} tokens at the end of the text were left out.`);
  },
};

/** [tokens][n] */
function rowsOf(values: Float32Array, { sets, tokens }: TextGates): number[][] {
  return tokens.map((_, i) => [...values.subarray(i * sets, (i + 1) * sets)]);
}

function header({ sets }: TextGates): string[] {
  return Array.from({ length: sets }, (_, i) => `set ${i + 1}`);
}

/** The deviation shown is the largest of the sets. */
function meanTable(result: TextGates): string {
  return table(
    ['layer', 'module', ...header(result), 'deviation'],
    result.matrices.map(({ layer, module, mean, deviation }) => [
      String(layer),
      module,
      ...mean.map((gate) => gate.toFixed(3)),
      Math.max(...deviation).toFixed(3),
    ]),
  );
}

/** @throws AppError USAGE for a matrix that the run does not adapt */
function tokenTable(result: TextGates, name: string): string {
  const matrix = result.matrices.find((own) => own.name === name);
  if (matrix === undefined) {
    const example = result.matrices[0]?.name ?? '';
    throw new AppError('USAGE', `--matrix: the run adapts no matrix ${name}; names are such as ${example}.`);
  }
  const rows = rowsOf(matrix.gates, result);
  return table(
    ['token', ...header(result)],
    result.tokens.map(({ text: token }, i) => [
      JSON.stringify(token),
      ...(rows[i] ?? []).map((gate) => gate.toFixed(3)),
    ]),
  );
}
