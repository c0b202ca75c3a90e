import type { ExportResult } from '../../../src-main/contract/results.ts';
import { AppFailure, toFailure } from '../../bridge/appFailure.ts';
import type { StepId } from '../../state/steps.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import { fileName, fixed } from '../../text/format.ts';

const total = 5;
/** How long a view stays before the next thing happens, so that a person can follow. */
const lookMilliseconds = 1500;

/**
 * Drives the sample path through the actions that a person's clicks call, and tells the main process how far it is.
 * Ends with a report that has `finished` and the folder, or `error`.
 */
export async function runDemo(studio: Studio): Promise<void> {
  const report = async (done: number, phase: string, message?: string) =>
    studio.client.call('demo.report', { phase, done, total, ...(message === undefined ? {} : { message }) });
  try {
    await report(0, 'Open the sample');
    await openSample(studio);
    await report(1, 'Read the data');
    await report(1, 'Read the data', await lookAtData(studio));
    await report(2, 'Analyse the ranks');
    await report(2, 'Analyse the ranks', await analyse(studio));
    await report(3, 'Train');
    await report(3, 'Train', await train(studio));
    await report(4, 'Merge, export and verify');
    const result = await mergeAndExport(studio);
    await studio.client.call('demo.report', {
      phase: 'Merge, export and verify',
      done: total,
      total,
      message: `largest logit difference ${result.maxAbsLogitDiff.toExponential(1)}, all checks passed`,
      finished: true,
      folder: result.out,
    });
  } catch (error) {
    const failure = toFailure(error);
    await studio.client.call('demo.report', { phase: 'Stopped', done: 0, total, error: failure.message });
  }
}

async function openSample(studio: Studio): Promise<void> {
  await studio.home.refresh();
  const sample = studio.home.contents.value?.samples.find(({ id }) => id === 'smollm2-e2e');
  if (sample === undefined) throw studio.home.contents.failure ?? missing('The sample is not in the list.');
  await look();
  await studio.home.open(sample);
  show(studio, 'model');
  await until(() => !studio.project.modelSummary.busy);
  if (studio.project.modelSummary.failure) throw studio.project.modelSummary.failure;
  await look();
}

async function lookAtData(studio: Studio): Promise<string> {
  show(studio, 'data');
  await until(() => !studio.project.dataSummary.busy);
  if (studio.project.dataSummary.failure) throw studio.project.dataSummary.failure;
  const { lengths } = studio.preview;
  await until(() => lengths.value !== undefined || lengths.failure !== undefined);
  if (lengths.value === undefined) throw lengths.failure ?? missing('The data could not be read.');
  await look();
  return `${lengths.value.rows} rows, ${lengths.value.lossTokens} trained tokens`;
}

async function analyse(studio: Studio): Promise<string> {
  const summary = studio.project.modelSummary.value;
  if (summary === undefined) throw missing('The model is not open.');
  show(studio, 'ranks');
  studio.analysis.use(summary);
  if (studio.analysis.state !== 'done') await studio.analysis.start();
  const { outcome, total: matrices, failure } = studio.analysis;
  if (outcome === undefined || studio.analysis.state !== 'done') throw failure ?? missing('The analysis was stopped.');
  await look();
  return `${matrices} matrices, ${outcome.trainable} trainable parameters`;
}

async function train(studio: Studio): Promise<string> {
  const { training } = studio;
  show(studio, 'train');
  await until(() => studio.estimate.config !== undefined);
  await look();
  await training.start();
  await until(() => training.state === 'ended' || training.failure !== undefined);
  const { record, failure } = training;
  if (failure !== undefined) throw failure;
  if (record?.state !== 'done' || record.best === null) throw missing('The training was stopped.');
  await look();
  const after = fixed(record.best.loss);
  return record.baseLoss === null ? `held-out loss ${after}` : `held-out loss ${fixed(record.baseLoss)} → ${after}`;
}

async function mergeAndExport(studio: Studio): Promise<ExportResult> {
  const { run } = studio.project;
  if (run === undefined) throw missing('There is no run to merge.');
  show(studio, 'export');
  studio.exporting.use(run);
  await look();
  studio.exporting.out = `${studio.app.info?.workspace ?? ''}/exports/${fileName(run)}`;
  await studio.exporting.start();
  const { result, failure } = studio.exporting;
  if (result === undefined) throw failure ?? missing('The export was stopped.');
  const failed = result.checks.filter((check) => !check.passed);
  if (failed.length > 0) {
    const names = failed.map((check) => `${check.name} is ${check.value}, bound ${check.bound}`).join('; ');
    throw new AppFailure({ code: 'VERIFICATION_FAILED', message: `The export did not pass: ${names}.` });
  }
  await look();
  return result;
}

function show(studio: Studio, step: StepId): void {
  studio.project.goTo(step);
  studio.navigation.go('project');
}

function missing(message: string): AppFailure {
  return new AppFailure({ code: 'INTERNAL', message });
}

async function look(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, lookMilliseconds));
}

/** Resolves once a condition over reactive state holds. */
async function until(condition: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = $effect.root(() => {
      $effect(() => {
        if (!condition()) return;
        resolve();
        // An effect cannot end the root it runs in.
        queueMicrotask(() => stop());
      });
    });
  });
}
