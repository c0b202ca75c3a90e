import path from 'node:path';
import type { TrainConfig } from '../../contract/requests.schema.ts';
import { taskFacts, type TaskName } from '../../contract/tasks.ts';
import { questionOf } from '../../data/example.ts';
import { readRunRows } from '../../data/runRows.ts';
import { rowSeedOf } from '../../data/split.ts';
import { evaluateModel } from '../../evaluation/evaluateModel.ts';
import type { TrainedPrompts } from '../../evaluation/tasks/contamination.ts';
import { evaluateTask } from '../../evaluation/tasks/evaluateTask.ts';
import { AppError } from '../../util/appError.ts';
import { resolveModelOrRun } from '../modelOrRun.ts';
import { asProgress } from '../preparing.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Loss, perplexity and generation metrics of a model or a run. */
export function evaluateRun(services: EngineServices): Operation<'evaluate.run'> {
  return async (request, context) => {
    await services.prepareGpu(context.signal, asProgress(context.emit));
    const { kernels } = await services.backend();
    const target = await resolveModelOrRun(request.model);
    return evaluateModel(await services.loaded.use(kernels, target, context.signal), request, context);
  };
}

/** Answers and accuracy, or text metrics, of a model or a run on a named task. */
export function evaluateTaskRun(services: EngineServices): Operation<'evaluate.task'> {
  return async (request, context) => {
    await services.prepareGpu(context.signal, asProgress(context.emit));
    const { kernels } = await services.backend();
    const target = await resolveModelOrRun(request.model);
    const model = await services.loaded.use(kernels, target, context.signal);
    // The base of a run answers in the layout of the run: the two are compared on the same prompts.
    if (request.base) model.decoder.setAdapters(undefined);
    const place = {
      data: request.data ?? sampleOf(services.resources, request.task),
      answersFile: request.answers ?? (target.checkpoint && answersFileOf(target.checkpoint.run, request)),
      trained: request.base ? undefined : await trainedPrompts(target.checkpoint?.record.config, context.signal),
    };
    return evaluateTask(model, request, place, services.clock, context);
  };
}

function sampleOf(resources: string, task: TaskName): string {
  const { sample, title } = taskFacts[task];
  if (sample !== undefined) return path.join(resources, 'samples', ...sample.split('/'));
  throw new AppError('SETTINGS_INVALID', `No sample of ${title} comes with the app; give the file with its rows.`);
}

/** `tasks/gsm8k.jsonl` in the run's folder, `tasks/gsm8k-base.jsonl` for its base model. */
function answersFileOf(run: string, { task, base }: { readonly task: TaskName; readonly base: boolean }): string {
  return path.join(run, 'tasks', `${task}${base ? '-base' : ''}.jsonl`);
}

/** What the run was trained on; undefined where that cannot be told any more. */
async function trainedPrompts(
  config: TrainConfig | undefined,
  signal: AbortSignal,
): Promise<TrainedPrompts | undefined> {
  if (config === undefined) return undefined;
  try {
    const { train } = await readRunRows(config.data, rowSeedOf(config), signal);
    return { file: config.data.path, prompts: train.flatMap((example) => questionOf(example) ?? []) };
  } catch (error) {
    if (error instanceof AppError && error.code !== 'CANCELLED') return undefined;
    throw error;
  }
}
