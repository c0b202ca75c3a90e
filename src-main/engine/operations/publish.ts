import { hubEndpoint } from '../../util/hubEndpoint.ts';
import type { Operation } from './operation.ts';

/** Puts an export on the hub. */
export const publishRun: Operation<'publish.run'> = async (request, { signal, emit }) => {
  // The hub's library takes some 90 ms to load.
  const { publish } = await import('../../publish/publish.ts');
  return publish(request, hubEndpoint(), emit, signal);
};
