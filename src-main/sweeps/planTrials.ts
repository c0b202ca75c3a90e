/** From a sweep to its trials: always the same ones in the same order. */
import { z } from 'zod';
import { trainConfigSchema, type TrainConfig } from '../contract/requests.schema.ts';
import type { SettingValue, Sweep, SweepRange } from '../contract/sweeps.schema.ts';
import type { PlannedTrial } from '../contract/sweeps.ts';
import { AppError } from '../util/appError.ts';
import { Rng } from '../util/rng.ts';
import { describeIssues } from '../util/validate.ts';

/** A trial with the settings it is trained with. */
export interface ReadyTrial extends PlannedTrial {
  readonly config: TrainConfig;
}

/** Trials of one sweep; beyond that a table of them is of no use to anybody. */
const mostTrials = 10_000;

type Values = Readonly<Record<string, SettingValue>>;

/**
 * The trials, all settings with the first seed before the second, so that what is there at any moment can be compared.
 * All seeds hold out and draw the same rows, those of the first seed where `rowSeed` does not say otherwise.
 * @throws AppError SETTINGS_INVALID naming the trial and the setting
 */
export function planTrials(sweep: Sweep): ReadyTrial[] {
  const groups = sweep.search.name === 'grid' ? gridOf(sweep.space) : samplesOf(sweep.space, sweep.search);
  if (groups.length * sweep.seeds.length > mostTrials) {
    throw invalid(`The sweep has ${groups.length * sweep.seeds.length} trials; at most ${mostTrials} are possible.`);
  }
  return sweep.seeds.flatMap((seed, round) =>
    groups.map((values, i) => {
      const number = round * groups.length + i + 1;
      return { number, group: i + 1, seed, values, config: configOf(sweep, values, seed, number) };
    }),
  );
}

/** Every combination; the last setting changes fastest. */
function gridOf(space: Sweep['space']): Values[] {
  return Object.entries(space).reduce<Values[]>(
    (combinations, [place, choice]) => {
      const values = 'values' in choice ? choice.values : stepsOf(place, choice);
      if (combinations.length * values.length > mostTrials) {
        throw invalid(`The grid has more than ${mostTrials} combinations; take fewer values.`);
      }
      return combinations.flatMap((others) => values.map((value) => ({ ...others, [place]: value })));
    },
    [{}],
  );
}

function stepsOf(place: string, { from, to, scale, whole, steps }: SweepRange): number[] {
  if (steps === undefined) throw invalid(`${place} is an interval: a grid needs its number of steps, or values.`);
  const values = Array.from({ length: steps }, (_, i) => {
    const share = i / (steps - 1);
    // The ends are met exactly, whatever the rounding of a logarithm.
    return i === 0 ? from : i === steps - 1 ? to : between(from, to, scale, share);
  });
  return whole ? [...new Set(values.map(Math.round))] : values;
}

function samplesOf(
  space: Sweep['space'],
  { samples, seed }: { readonly samples: number; readonly seed: number },
): Values[] {
  const rng = new Rng(seed);
  return Array.from({ length: samples }, () =>
    Object.fromEntries(
      Object.entries(space).map(([place, choice]): [string, SettingValue] => {
        const share = rng.next();
        if ('values' in choice) return [place, choice.values[Math.floor(share * choice.values.length)] ?? null];
        const value = between(choice.from, choice.to, choice.scale, share);
        return [place, choice.whole ? Math.round(value) : value];
      }),
    ),
  );
}

function between(from: number, to: number, scale: SweepRange['scale'], share: number): number {
  return scale === 'log' ? from * (to / from) ** share : from + (to - from) * share;
}

function configOf(sweep: Sweep, values: Values, seed: number, number: number): TrainConfig {
  const { config, seeds, stopping } = sweep;
  const draft: Record<string, unknown> = structuredClone({
    ...config,
    data: { rowSeed: seeds[0], ...config.data },
    seed,
    ...(stopping === undefined ? {} : { evaluateEvery: evaluateEvery(config.evaluateEvery, stopping.grace) }),
  });
  // A whole object, such as a method, comes before the settings inside it.
  const inOrder = Object.entries(values).sort(([a], [b]) => a.split('.').length - b.split('.').length);
  for (const [place, value] of inOrder) setAt(draft, place, value);
  const parsed = trainConfigSchema.safeParse(draft);
  if (!parsed.success) throw invalid(`Trial ${number} is not valid: ${describeIssues(parsed.error)}.`);
  for (const [place, value] of inOrder) {
    // What a method does not have is dropped by its schema: two trials would be one and the same.
    if (at(parsed.data, place) === undefined && value !== null) {
      throw invalid(`Trial ${number}: there is no setting ${place} in this configuration; check its name.`);
    }
  }
  return parsed.data;
}

/** Evaluations fall on the rungs. */
function evaluateEvery(given: number, grace: number): number {
  if (given === 0) return grace;
  if (grace % given !== 0) throw invalid(`evaluateEvery (${given}) must divide the grace of the stopping (${grace}).`);
  return given;
}

function setAt(draft: Record<string, unknown>, place: string, value: SettingValue): void {
  const names = place.split('.');
  let inside = draft;
  for (const name of names.slice(0, -1)) {
    const next = z.record(z.string(), z.unknown()).safeParse(inside[name]);
    const copy: Record<string, unknown> = next.success ? next.data : {};
    inside[name] = copy;
    inside = copy;
  }
  inside[names.at(-1) ?? ''] = structuredClone(value);
}

function at(value: unknown, place: string): unknown {
  return place
    .split('.')
    .reduce<unknown>(
      (inside, name) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, name) : undefined),
      value,
    );
}

function invalid(message: string): AppError {
  return new AppError('SETTINGS_INVALID', message);
}
