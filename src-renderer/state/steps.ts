import type { DatasetSummary } from '../../src-main/contract/data.ts';
import type { ModelSummary } from '../../src-main/contract/model.ts';
import type { Project } from '../../src-main/contract/settings.schema.ts';
import type { AppFailure } from '../bridge/appFailure.ts';
import { t } from '../text/text.svelte.ts';

export type StepId = Project['step'];
export const stepIds = ['model', 'data', 'ranks', 'train', 'export'] as const satisfies readonly StepId[];

export interface Step {
  readonly id: StepId;
  readonly state: 'done' | 'ready' | 'blocked';
  /** Why it cannot be used yet, one sentence; empty when it can. */
  readonly reason: string;
}

interface Asked<Value> {
  readonly value: Value | undefined;
  readonly failure: AppFailure | undefined;
}

export interface StepFacts {
  readonly project: Omit<Project, 'version' | 'name' | 'step'>;
  /** A training of the project is at work. */
  readonly training: boolean;
  readonly model: Asked<ModelSummary>;
  readonly data: Asked<DatasetSummary>;
}

interface MissingModel {
  readonly project: Pick<StepFacts['project'], 'model'>;
  readonly model: StepFacts['model'];
}
interface MissingData {
  readonly project: Pick<StepFacts['project'], 'data'>;
  readonly data: StepFacts['data'];
}

/** What is missing of the model, one sentence; empty when nothing is. */
function modelMissing({ project, model }: MissingModel): string {
  if (project.model === undefined) return t('step.blocked.model');
  if (model.failure !== undefined) return t('step.blocked.modelFailed');
  return model.value === undefined ? t('step.blocked.modelReading') : '';
}

/** What is missing of the data, one sentence; empty when nothing is. */
export function dataMissing({ project, data }: MissingData): string {
  if (project.data === undefined) return t('step.blocked.data');
  if (data.failure !== undefined) return t('step.blocked.dataFailed');
  if (data.value === undefined) return t('step.blocked.dataReading');
  if (data.value.layout === undefined && project.data.mapping === undefined) return t('step.blocked.mapping');
  if (data.value.problemCount > 0 && !project.data.skipBadRows) {
    return t('step.blocked.problems', { count: data.value.problemCount });
  }
  return data.value.rows === 0 ? t('step.blocked.noRows') : '';
}

/** The steps of the path with what is done, what can be done and what is missing. */
export function stepsOf(facts: StepFacts): readonly Step[] {
  const { project, model, training } = facts;
  // What a run was trained with counts as looked at.
  const settled = (id: StepId) => project.run !== undefined || project.seen?.includes(id) === true;
  const noModel = modelMissing(facts);
  const noData = dataMissing(facts);
  const untrainable = model.value !== undefined && !model.value.trainable ? t('step.blocked.untrainable') : '';
  return [
    step('model', '', noModel === ''),
    step('data', noModel, noData === '' && settled('data')),
    step('ranks', noModel, project.config?.method !== undefined && settled('ranks')),
    step('train', noModel || untrainable || noData, project.run !== undefined && !training),
    step('export', noRun(project.run, training), project.exportedTo !== undefined),
  ];
}

function noRun(run: string | undefined, training: boolean): string {
  if (training) return t('step.blocked.training');
  return run === undefined ? t('step.blocked.run') : '';
}

function step(id: StepId, reason: string, done: boolean): Step {
  return { id, reason, state: reason !== '' ? 'blocked' : done ? 'done' : 'ready' };
}
