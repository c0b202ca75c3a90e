import type { MosaraConfig } from '../../contract/methods.schema.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import { AppError } from '../../util/appError.ts';
import { MethodAdapters } from '../adapterSet.ts';
import type { Gates, GateWatcher } from '../types.ts';
import type { MosaraAdapter } from './mosaraAdapter.ts';
import { MosaraLinear } from './mosaraLinear.ts';

/** The adapters of a model, and the say over their gates. */
export class MosaraAdapters extends MethodAdapters<MosaraAdapter> {
  readonly gates: Gates;

  constructor(kernels: Kernels, adapters: readonly MosaraAdapter[], config: MosaraConfig) {
    let watcher: GateWatcher | undefined;
    super(
      kernels,
      'mosara',
      adapters,
      (bases, group, index) =>
        new MosaraLinear(kernels, bases, group, config.dropout, index, (name, gates) => watcher?.(name, gates)),
    );
    this.gates = {
      sets: config.sets,
      watch(next) {
        watcher = next;
      },
      freeze(means) {
        for (const adapter of adapters) adapter.frozenGates = means && meansOf(adapter, means);
      },
    };
  }
}

function meansOf({ matrix, sets }: MosaraAdapter, means: ReadonlyMap<string, readonly number[]>): readonly number[] {
  const own = means.get(matrix.name);
  if (own?.length === sets) return own;
  throw new AppError(
    'SETTINGS_INVALID',
    `The frozen gates of ${matrix.name} are ${own === undefined ? 'missing' : `${own.length} values`}, but ${sets} are needed; calibrate the run again.`,
  );
}
