import type { Operations } from '../contract/engine.ts';
import { analysisRun } from './operations/analysis.ts';
import { adapterCompress } from './operations/compress.ts';
import {
  dataCheck,
  dataHeldOut,
  dataInspect,
  dataLengths,
  dataPlace,
  dataPreview,
  dataSearch,
} from './operations/data.ts';
import { evaluateRun, evaluateTaskRun } from './operations/evaluate.ts';
import { exportChoicesOf, exportReportOf, exportRun, exportVerify } from './operations/export.ts';
import { calibrateRun, gatesRun } from './operations/gates.ts';
import { generateRun } from './operations/generate.ts';
import { modelFetchSample, modelInspect, modelInspectFile, modelsFind } from './operations/model.ts';
import { publishRun } from './operations/publish.ts';
import { engineReport } from './operations/report.ts';
import { speedMeasure } from './operations/speed.ts';
import { studyList, studyOpen, studyRun } from './operations/studies.ts';
import { sweepRunOn, targetJobs, targetStop, targetTest, trainRunOn, trialPull } from './operations/clusters.ts';
import { sweepList, sweepOpen, sweepRun } from './operations/sweeps.ts';
import { trainEstimate, trainFit, trainResume, trainRun } from './operations/train.ts';
import type { EngineServices } from './services.ts';

/** Every operation of the engine, over the services of this process. */
export function createOperations(services: EngineServices): Operations {
  return {
    'engine.report': engineReport(services),
    'speed.measure': speedMeasure(services),
    'model.inspect': modelInspect,
    'model.inspectFile': modelInspectFile,
    'models.find': modelsFind(services),
    'model.fetchSample': modelFetchSample,
    'analysis.run': analysisRun(services),
    'data.inspect': dataInspect(services),
    'data.preview': dataPreview(services),
    'data.lengths': dataLengths(services),
    'data.search': dataSearch(services),
    'data.place': dataPlace(services),
    'data.check': dataCheck(services),
    'data.heldOut': dataHeldOut,
    'train.estimate': trainEstimate,
    'train.fit': trainFit,
    'train.run': trainRun(services),
    'train.resume': trainResume(services),
    'evaluate.run': evaluateRun(services),
    'evaluate.task': evaluateTaskRun(services),
    'generate.run': generateRun(services),
    'gates.run': gatesRun(services),
    'calibrate.run': calibrateRun(services),
    'export.run': exportRun(services),
    'adapter.compress': adapterCompress(services),
    'export.verify': exportVerify(services),
    'export.choices': exportChoicesOf,
    'study.run': studyRun(services),
    'study.list': studyList,
    'study.open': studyOpen,
    'sweep.run': sweepRun(services),
    'sweep.list': sweepList,
    'sweep.open': sweepOpen,
    'sweep.runOn': sweepRunOn(services),
    'train.runOn': trainRunOn(services),
    'trial.pull': trialPull(services),
    'target.test': targetTest(services),
    'target.jobs': targetJobs,
    'target.stop': targetStop,
    'export.report': exportReportOf,
    'publish.run': publishRun,
  };
}
