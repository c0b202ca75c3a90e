import { trainConfigSchema, type MethodConfig, type TrainConfig } from '../contract/requests.schema.ts';
import type { ProbeSettings } from '../contract/studies.schema.ts';
import type { Probe, ProbeCell } from '../contract/studies.ts';
import { throwIfCancelled } from '../util/appError.ts';
import type { ProbeBench, ProbeConfig } from './probeBench.ts';
import { deviation, mean } from './statistics.ts';
import type { StudyContext } from './study.ts';

/** Probes of one method on one choice of matrices and rows, over learning rates. */
export interface ProbeGroup {
  readonly label: string;
  readonly method: MethodConfig;
  readonly learningRates: readonly number[];
  readonly targets: TrainConfig['targets'];
  readonly layers?: readonly number[];
  /** Training rows used; all where left out. */
  readonly maxRows?: number | undefined;
}

export interface ProbeGrid {
  readonly groups: readonly ProbeGroup[];
  readonly seeds: readonly number[];
  readonly probe: ProbeSettings;
}

/** The cells of each group, in the order of groups and learning rates. */
export type GridCells = readonly (readonly ProbeCell[])[];

interface Place {
  readonly group: number;
  readonly rate: number;
  readonly seed: number;
  readonly config: ProbeConfig;
  readonly text: string;
  readonly key: string;
}

/**
 * Runs the probes of a grid that are not in the store yet, all groups with the first seed before the second, so that
 * what is there at any moment can be compared. Stops early when as many new points as asked for are done.
 * @param onPartial called after each new probe
 * @throws AppError CANCELLED with everything finished kept, and as {@link ProbeBench.run}
 */
export async function runGrid(
  bench: ProbeBench,
  grid: ProbeGrid,
  context: StudyContext,
  onPartial: (cells: GridCells) => void,
): Promise<GridCells> {
  const { store, counter, signal, emit } = context;
  const places = await placesOf(bench, grid);
  const known = new Map(
    places.flatMap(({ key }) => {
      const probe = store.get(key);
      return probe === undefined ? [] : [[key, probe as Probe] as const];
    }),
  );
  // Two places may be one and the same training.
  const keys = new Set(places.map(({ key }) => key));
  counter.begin(keys.size, known.size);
  for (const { key, config, text } of places) {
    if (known.has(key)) continue;
    if (counter.full) break;
    throwIfCancelled(signal);
    emit({ event: 'phase', phase: 'computing', fraction: 0, text });
    const probe = await bench.run(config, (step) =>
      emit({ event: 'phase', phase: 'computing', fraction: step / config.steps, text }),
    );
    await store.add(key, probe);
    known.set(key, probe);
    counter.computed({ probe, text });
    onPartial(cellsOf(grid, places, known));
  }
  return cellsOf(grid, places, known);
}

async function placesOf(bench: ProbeBench, { groups, seeds, probe }: ProbeGrid): Promise<Place[]> {
  const places: Place[] = [];
  for (const seed of seeds) {
    for (const [group, { label, learningRates, method, targets, layers, maxRows }] of groups.entries()) {
      for (const [rate, learningRate] of learningRates.entries()) {
        const { data, steps, ...settings } = probe;
        const config = {
          ...trainConfigSchema.parse({
            ...settings,
            model: bench.model.summary.path,
            data: { rowSeed: seeds[0], ...data, ...(maxRows === undefined ? {} : { maxRows }) },
            method,
            targets,
            ...(layers === undefined ? {} : { layers }),
            learningRate,
            seed,
          }),
          steps,
        };
        const text = `${label}, learning rate ${learningRate}, seed ${seed}`;
        places.push({ group, rate, seed, config, text, key: await bench.key(config) });
      }
    }
  }
  return places;
}

function cellsOf({ groups, seeds }: ProbeGrid, places: readonly Place[], known: ReadonlyMap<string, Probe>): GridCells {
  return groups.map(({ learningRates }, group) =>
    learningRates.map((learningRate, rate) => {
      const own = places.filter((place) => place.group === group && place.rate === rate);
      const probes = own.flatMap(({ key }) => known.get(key) ?? []);
      return cellOf(learningRate, probes, seeds.length - probes.length);
    }),
  );
}

function cellOf(learningRate: number, probes: readonly Probe[], missing: number): ProbeCell {
  const losses = probes.flatMap(({ loss }) => loss ?? []);
  if (losses.length === 0 || losses.length < probes.length) return { learningRate, probes, missing };
  const spread = deviation(losses);
  return { learningRate, probes, missing, mean: mean(losses), ...(spread === undefined ? {} : { deviation: spread }) };
}

/** Index of the cell with the least mean; undefined when none has one. */
export function bestCell(cells: readonly ProbeCell[]): number | undefined {
  let best: number | undefined;
  for (const [i, { mean: own }] of cells.entries()) {
    const least = best === undefined ? Infinity : (cells[best]?.mean ?? Infinity);
    if (own !== undefined && own < least) best = i;
  }
  return best;
}
