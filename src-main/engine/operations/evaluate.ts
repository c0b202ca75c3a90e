import { evaluateModel } from '../../evaluation/evaluateModel.ts';
import { resolveModelOrRun } from '../modelOrRun.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Loss, perplexity and generation metrics of a model or a run. */
export function evaluateRun(services: EngineServices): Operation<'evaluate.run'> {
  return async (request, context) => {
    const { kernels } = await services.backend();
    const target = await resolveModelOrRun(request.model);
    return evaluateModel(await services.loaded.use(kernels, target, context.signal), request, context);
  };
}
