import type { StudiedModel } from '../contract/studies.ts';
import { openModel } from '../models/open.ts';
import type { OpenedModel } from '../models/types.ts';
import { ProbeBench } from './probeBench.ts';
import type { StudyContext } from './study.ts';

/** Opens a model for a study and closes it again. @throws AppError as opening does */
export async function withModel<T>(
  path: string,
  { signal }: Pick<StudyContext, 'signal'>,
  use: (model: OpenedModel, studied: StudiedModel) => Promise<T>,
): Promise<T> {
  const model = await openModel(path, signal);
  try {
    const { name, family, parameters } = model.summary;
    return await use(model, { path, name, family, parameters, hash: await model.source.hash(signal) });
  } finally {
    await model.close();
  }
}

/** Opens a model for a study with probes and frees it again. @throws AppError as opening does */
export async function probedModel<T>(
  path: string,
  context: StudyContext,
  use: (bench: ProbeBench, models: readonly StudiedModel[]) => Promise<T>,
): Promise<T> {
  return withModel(path, context, async (model, studied) => {
    const bench = new ProbeBench(model, context);
    try {
      return await use(bench, [studied]);
    } finally {
      bench.dispose();
    }
  });
}
