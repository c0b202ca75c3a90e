import { calibrationRequestSchema, type ExportRequest } from '../contract/requests.schema.ts';
import type { Calibration } from '../contract/gates.ts';
import { AppError } from '../util/appError.ts';
import type { CommandCall, CommandOutput, OptionSpec } from './command.ts';
import { flag, number, text, validated, withoutUndefined } from './optionValues.ts';

/** The options of a merge of Mo-SARA, whose gates have to be frozen for it. */
export const freezeOptions: Readonly<Record<string, OptionSpec>> = {
  'freeze-gates': {
    type: 'boolean',
    description: 'Mo-SARA: put mean gates in the place of the router, after showing what that costs.',
  },
  calibrate: {
    type: 'string',
    value: 'FILE|validation',
    description: 'Mo-SARA: rows that the gates are averaged over (default: the run’s held-out rows).',
  },
  'calibration-rows': { type: 'string', value: 'N', description: 'Mo-SARA: at most N of them (default 64).' },
  accept: { type: 'boolean', description: 'Mo-SARA: accept the cost without being asked.' },
  'accept-kl': {
    type: 'string',
    value: 'X',
    description: 'Mo-SARA: accept a KL of at most X nats a token without being asked.',
  },
};

const requestNames = { run: 'RUN', data: '--calibrate', maxRows: '--calibration-rows' } as const;

/**
 * Measures what freezing the gates costs, shows it and has it accepted.
 * @returns what the export needs to know of it; undefined when nothing is to be frozen
 * @throws AppError USAGE; NOT_MERGEABLE when the cost is not accepted
 */
export async function acceptedFreeze(
  { options, output, run }: CommandCall,
  { run: path, checkpoint, step }: ExportRequest,
): Promise<ExportRequest['freezeGates']> {
  if (!flag(options, 'freeze-gates')) {
    const idle = Object.keys(freezeOptions).find((name) => options[name] !== undefined);
    if (idle !== undefined) throw new AppError('USAGE', `--${idle} goes with --freeze-gates alone.`);
    return undefined;
  }
  const given = text(options, 'calibrate');
  const request = validated(
    calibrationRequestSchema,
    withoutUndefined({
      run: path,
      checkpoint,
      step,
      data: given === 'validation' ? undefined : given,
      maxRows: number(options, 'calibration-rows'),
    }),
    requestNames,
  );
  const calibration = await run('calibrate.run', request, (event) =>
    output.progress(event.phase, event.total > 0 ? event.done / event.total : undefined),
  );
  if (!output.json) for (const line of calibrationLines(calibration)) output.line(line);
  await accept(calibration, number(options, 'accept-kl'), flag(options, 'accept'), output);
  const { data, maxRows } = request;
  return { ...(data === undefined ? {} : { data }), maxRows, acceptKl: calibration.kl };
}

async function accept(
  { kl }: Calibration,
  most: number | undefined,
  always: boolean,
  { ask }: CommandOutput,
): Promise<void> {
  if (always || (most !== undefined && kl <= most)) return;
  if (most === undefined && ask !== undefined && (await ask('Merge with these gates?'))) return;
  const cost = `a KL of ${kl.toPrecision(3)} nats a token`;
  throw new AppError(
    'NOT_MERGEABLE',
    most === undefined
      ? `Nothing was merged: freezing the gates costs ${cost}; accept it with --accept or --accept-kl, or export the native adapter, which is exact.`
      : `Nothing was merged: freezing the gates costs ${cost}, more than the ${most} accepted; raise --accept-kl, or export the native adapter, which is exact.`,
  );
}

const sources = { validation: 'held-out rows', training: 'training rows', file: 'rows of the file' } as const;

function calibrationLines({ source, rows, tokens, positions, ...cost }: Calibration): string[] {
  const widest = [...cost.matrices].sort((a, b) => Math.max(...b.deviation) - Math.max(...a.deviation))[0];
  return [
    `Gates averaged over ${rows} ${sources[source]} (${tokens} tokens), compared at ${positions} positions:`,
    `  KL(adapter to merged)      ${cost.kl.toExponential(2)} nats a token`,
    `  perplexity                 ${cost.adapter.perplexity.toFixed(4)} -> ${cost.frozen.perplexity.toFixed(4)}`,
    `  same most probable token   ${(100 * cost.topOneAgreement).toFixed(1)} %`,
    ...(widest === undefined
      ? []
      : [`  gates that vary most       ${widest.name} (deviation ${Math.max(...widest.deviation).toFixed(3)})`]),
  ];
}
