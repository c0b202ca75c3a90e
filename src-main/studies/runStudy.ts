import type { OperationContext } from '../contract/engine.ts';
import type { StudyEvent, StudyName, StudyResult } from '../contract/studies.ts';
import type { StudyRunRequest } from '../contract/studies.schema.ts';
import type { TrainEnvironment } from '../training/trainEnvironment.ts';
import { isoTime, type Clock } from '../util/clock.ts';
import { PointCounter } from './pointCounter.ts';
import { PointStore } from './pointStore.ts';
import { studyNamed } from './registry.ts';
import { keepResult } from './results.ts';
import type { Finish } from './study.ts';

export interface StudyServices {
  readonly clock: Clock;
  readonly appVersion: string;
  environment(): Promise<TrainEnvironment>;
}

/**
 * Runs a study to its end, or as far as new points were asked for. What is in the store is not computed again, so a
 * study that was cancelled goes on where it was.
 * @throws AppError as the study does; CANCELLED with everything finished kept
 */
export async function runStudy(
  { study, store: folder, maxNewPoints, keepResult: keep }: StudyRunRequest,
  { clock, appVersion, environment }: StudyServices,
  { signal, emit }: Pick<OperationContext<StudyEvent>, 'signal' | 'emit'>,
): Promise<StudyResult> {
  const begun = clock.now();
  const store = await PointStore.open(folder);
  const counter = new PointCounter(clock, emit, maxNewPoints);
  const finish: Finish<StudyName> = (models, findings) =>
    ({
      version: 1,
      study: study.study,
      settings: study,
      models,
      createdAt: isoTime(clock),
      appVersion,
      points: counter.points,
      seconds: (clock.now() - begun) / 1000,
      ...findings,
      // TypeScript cannot pair a study's settings with its own findings.
    }) as StudyResult;
  const result = await studyNamed(study.study)(study, { store, counter, signal, emit, environment }, finish);
  return keep && result.points.complete ? keepResult(folder, result) : result;
}
