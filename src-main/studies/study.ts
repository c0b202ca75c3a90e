/** What studies are given, and what they are. Types only. */
import type { OperationContext } from '../contract/engine.ts';
import type { StudiedModel, StudyEvent, StudyName, StudyResult } from '../contract/studies.ts';
import type { Study } from '../contract/studies.schema.ts';
import type { TrainEnvironment } from '../training/trainEnvironment.ts';
import type { PointCounter } from './pointCounter.ts';
import type { PointStore } from './pointStore.ts';

export interface StudyContext extends Pick<OperationContext<StudyEvent>, 'signal' | 'emit'> {
  readonly store: PointStore;
  readonly counter: PointCounter;
  /** Loads TensorFlow; only asked for when something has to be computed. @throws AppError BACKEND_MISSING */
  environment(): Promise<TrainEnvironment>;
}

type Named<T, Name extends StudyName> = Extract<T, { readonly study: Name }>;
export type SettingsOf<Name extends StudyName> = Named<Study, Name>;

type CommonFields =
  'version' | 'study' | 'settings' | 'models' | 'createdAt' | 'appVersion' | 'points' | 'seconds' | 'file';

/** What one study adds to a result. */
export type FindingsOf<Name extends StudyName> = Omit<ResultNamed<Name>, CommonFields>;
/** Results of one shape share an entry of the union, whose `study` holds several names. */
type ResultNamed<Name extends StudyName> = StudyResult extends infer R
  ? R extends { readonly study: infer N }
    ? Name extends N
      ? R
      : never
    : never
  : never;

/** The findings as far as they go. */
export type Finish<Name extends StudyName> = (
  models: readonly StudiedModel[],
  findings: FindingsOf<Name>,
) => StudyResult;

/**
 * One study. It tells the counter of its points, keeps what costs time in the store, and gives its result; between
 * points it may emit `partial` results.
 * @throws AppError as models, data and trainings do; CANCELLED
 */
export type StudyFunction<Name extends StudyName> = (
  settings: SettingsOf<Name>,
  context: StudyContext,
  finish: Finish<Name>,
) => Promise<StudyResult>;
