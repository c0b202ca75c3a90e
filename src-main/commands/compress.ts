import { formatBytes, formatCount, formatShare } from '../contract/format.ts';
import { compressRequestSchema } from '../contract/requests.schema.ts';
import type { CompressedAdapter } from '../contract/results.ts';
import { AppError } from '../util/appError.ts';
import type { Command, CommandCall } from './command.ts';
import { checkpointOf, checkpointOption } from './exportOptions.ts';
import { text, validated, withoutUndefined } from './optionValues.ts';

/** Cuts the adapters of a run and shows what that costs. */
export const compress: Command = {
  name: 'compress',
  usage: 'RUN --energy SHARE[,SHARE…]',
  positionals: 1,
  summary: 'Cut each adapter to a share of its own energy and measure the loss.',
  options: {
    energy: {
      type: 'string',
      value: 'SHARE',
      description: 'Share of the squared singular values of each change to keep; several with commas (default 0.95).',
    },
    out: { type: 'string', value: 'RUN', description: 'Folder of a new run with the compressed adapter.' },
    checkpoint: checkpointOption,
  },
  async run(call) {
    const { options, positionals, output, run } = call;
    const request = validated(
      compressRequestSchema,
      withoutUndefined({
        run: positionals[0],
        energies: energiesOf(call),
        out: text(options, 'out'),
        ...checkpointOf(text(options, 'checkpoint')),
      }),
      { run: 'RUN', 'energies.0': '--energy', energies: '--energy', out: '--out', checkpoint: '--checkpoint' },
    );
    const result = await run('adapter.compress', request, (event) =>
      output.progress(event.phase, event.total > 0 ? event.done / event.total : undefined),
    );
    if (output.json) {
      output.value(result);
      return;
    }
    const { before } = result;
    output.line(`As trained    ${sizeText(before)}`);
    for (const cut of result.compressed) {
      output.line(`${`Energy ${formatShare(cut.energy)}`.padEnd(13)} ${sizeText(cut)}; ${rankText(cut)}`);
    }
    if (result.out !== undefined) output.line(`Run: ${result.out}`);
  },
};

/** @throws AppError USAGE */
function energiesOf({ options }: CommandCall): number[] {
  const given = text(options, 'energy') ?? '0.95';
  const values = given.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (values.every(Number.isFinite)) return values;
  throw new AppError('USAGE', `--energy needs shares such as 0.95 or 0.9,0.99, not "${given}".`);
}

function sizeText({ parameters, bytes, loss }: Pick<CompressedAdapter, 'parameters' | 'bytes' | 'loss'>): string {
  const measured = loss === null ? 'no validation rows' : `validation loss ${loss.toFixed(4)}`;
  return `${formatCount(parameters)} parameters, ${formatBytes(bytes)}, ${measured}`;
}

function rankText({ matrices }: CompressedAdapter): string {
  const sum = (key: 'oldRank' | 'newRank'): number => matrices.reduce((total, matrix) => total + matrix[key], 0);
  return `ranks ${sum('oldRank')} → ${sum('newRank')} in all`;
}
