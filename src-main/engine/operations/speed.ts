import { measureFlopsPerSecond } from '../../tensor/speedProbe.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** How fast this process computes with the threads that it was started with; about a second of work. */
export function speedMeasure(services: EngineServices): Operation<'speed.measure'> {
  return async (_input, { signal }) => {
    const { kernels, report } = await services.backend();
    const { device, threads, tensorflowVersion } = report;
    const flopsPerSecond = await measureFlopsPerSecond(kernels, services.clock, signal);
    return { threads, flopsPerSecond, device, tensorflowVersion };
  };
}
