/** Operation → schema of its input: what an engine process checks before it runs anything. */
import type { z } from 'zod';
import type { OperationInput, OperationName } from './engine.ts';
import * as requests from './requests.schema.ts';
import * as studies from './studies.schema.ts';
import * as sweeps from './sweeps.schema.ts';
import * as targets from './targets.schema.ts';

export const operationSchemas: { readonly [N in OperationName]: z.ZodType<OperationInput<N>> } = {
  'engine.report': requests.nothingSchema,
  'speed.measure': requests.nothingSchema,
  'model.inspect': requests.modelRequestSchema,
  'model.inspectFile': requests.inspectFileRequestSchema,
  'models.find': requests.nothingSchema,
  'model.fetchSample': requests.fetchSampleRequestSchema,
  'analysis.run': requests.analysisRequestSchema,
  'data.inspect': requests.dataRequestSchema,
  'data.preview': requests.previewRequestSchema,
  'data.lengths': requests.lengthsRequestSchema,
  'data.search': requests.searchRequestSchema,
  'data.place': requests.placeRequestSchema,
  'data.check': requests.dataCheckRequestSchema,
  'data.heldOut': requests.heldOutRequestSchema,
  'train.estimate': requests.trainConfigSchema,
  'train.fit': requests.fitRequestSchema,
  'train.run': requests.trainRequestSchema,
  'train.resume': requests.runRequestSchema,
  'evaluate.run': requests.evaluateRequestSchema,
  'evaluate.task': requests.evaluateTaskRequestSchema,
  'generate.run': requests.generateRequestSchema,
  'gates.run': requests.gatesRequestSchema,
  'calibrate.run': requests.calibrationRequestSchema,
  'export.run': requests.exportRequestSchema,
  'adapter.compress': requests.compressRequestSchema,
  'export.verify': requests.verifyRequestSchema,
  'export.choices': requests.exportChoicesRequestSchema,
  'study.run': studies.studyRunRequestSchema,
  'study.list': studies.studyListRequestSchema,
  'study.open': studies.studyOpenRequestSchema,
  'sweep.run': sweeps.sweepRunRequestSchema,
  'sweep.list': sweeps.sweepListRequestSchema,
  'sweep.open': sweeps.sweepOpenRequestSchema,
  'sweep.runOn': sweeps.sweepRunOnRequestSchema,
  'train.runOn': sweeps.trainOnRequestSchema,
  'trial.pull': sweeps.trialPullRequestSchema,
  'target.test': targets.targetRequestSchema,
  'target.jobs': targets.targetRequestSchema,
  'target.stop': targets.targetStopRequestSchema,
  'export.report': requests.inspectFileRequestSchema,
  'publish.run': requests.publishRequestSchema,
};
