import { verifyRequestSchema } from '../contract/requests.schema.ts';
import type { FailedProof } from '../contract/results.ts';
import { AppError } from '../util/appError.ts';
import { checkLines } from './checkLines.ts';
import type { Command } from './command.ts';
import { checkpointOf, checkpointOption } from './exportOptions.ts';
import { text, validated, withoutUndefined } from './optionValues.ts';

/** Checks an export that lies on the disk. */
export const verify: Command = {
  name: 'verify',
  usage: 'PATH --against RUN|MODEL',
  positionals: 1,
  summary: 'Check that an export still answers like the run it was made from.',
  options: {
    against: { type: 'string', value: 'RUN|MODEL', description: 'What the export was made from.' },
    checkpoint: checkpointOption,
  },
  async run({ positionals, options, output, run }) {
    const request = validated(
      verifyRequestSchema,
      withoutUndefined({
        path: positionals[0],
        against: text(options, 'against'),
        ...checkpointOf(text(options, 'checkpoint')),
      }),
      { path: 'PATH', against: '--against', checkpoint: '--checkpoint' },
    );
    const result = await run('export.verify', request);
    if (output.json) output.value(result);
    else {
      output.line(`${result.path}: ${result.format}, ${result.type}`);
      for (const line of checkLines(result.checks)) output.line(line);
    }
    const failed = result.checks.find((check) => !check.passed);
    if (failed !== undefined) {
      throw new AppError(
        'VERIFICATION_FAILED',
        `${result.path} does not answer like ${request.against}: "${failed.name}" gives ${failed.value}, needed is: ${failed.bound}. Likely cause: ${result.likelyCause ?? 'unknown'}.`,
        { details: { checks: result.checks, likelyCause: result.likelyCause ?? 'unknown' } satisfies FailedProof },
      );
    }
  },
};
