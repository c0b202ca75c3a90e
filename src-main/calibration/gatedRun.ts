import type { AdapterSet, Gates } from '../methods/types.ts';
import { AppError } from '../util/appError.ts';

export type GatedAdapters = AdapterSet & { readonly gates: Gates };

/**
 * The adapters of a run, which must have gates.
 * @param run path, for the message
 * @throws AppError SETTINGS_INVALID where they have none
 */
export function requireGates(adapters: AdapterSet | undefined, run: string): GatedAdapters {
  if (adapters !== undefined && hasGates(adapters)) return adapters;
  const found = adapters === undefined ? 'holds no adapter' : `was trained with ${adapters.method}`;
  throw new AppError('SETTINGS_INVALID', `${run} ${found} and has no gates; choose a run of Mo-SARA.`);
}

function hasGates(adapters: AdapterSet): adapters is GatedAdapters {
  return adapters.gates !== undefined;
}
