/** The one map of what the window may ask of the main process: route → schema of its input. Outputs are in `routes.ts`. */
import { z } from 'zod';
import * as requests from './requests.schema.ts';
import { changingCommands } from './menu.ts';
import { comparisonIdSchema, comparisonSchema } from './comparison.schema.ts';
import { queuedTrainingSchema } from './queue.schema.ts';
import { projectSchema, settingsPatchSchema } from './settings.schema.ts';
import {
  sweepOpenRequestSchema,
  sweepRunRequestSchema,
  sweepSchema,
  trainOnJobSchema,
  trialPullRequestSchema,
} from './sweeps.schema.ts';
import { targetNameSchema, targetSchema, targetTokenSchema } from './targets.schema.ts';
import { runNotesSchema } from './runNotes.schema.ts';
import { studyOpenRequestSchema, studyRunRequestSchema } from './studies.schema.ts';

const nothing = requests.nothingSchema;
const jobId = z.string().min(1).max(64);
const queueId = z.string().min(1).max(64);

export const routeSchemas = {
  'app.info': nothing,
  /** The diagnostics file; nothing is saved or sent by it. */
  'app.diagnostics': nothing,
  /** Takes the file that the system asked the app to open, such as by a double click. */
  'app.openedFile': nothing,
  'settings.get': nothing,
  'settings.update': settingsPatchSchema,
  'workspace.home': nothing,
  /** Puts a run into the system's trash; `forGood` where there is none. */
  'workspace.deleteRun': z.object({ run: z.string(), forGood: z.boolean().default(false) }),
  /** All runs of the workspace, the last used first. */
  'runs.list': nothing,
  /** Replaces the tags and the note of a run. */
  'runs.annotate': z.object({ run: z.string(), notes: runNotesSchema }),
  /** Curves of runs, thinned to so many points each. */
  'runs.curves': z.object({ runs: z.array(z.string()).max(100), points: z.number().int().gte(2).lte(4_000) }),
  'run.checkpoints': z.object({ run: z.string() }),
  /** Trainings that wait for their turn. */
  'queue.get': nothing,
  'queue.add': queuedTrainingSchema,
  'queue.move': z.object({ id: queueId, to: z.number().int().gte(0) }),
  'queue.remove': z.object({ id: queueId }),
  'queue.hold': z.object({ held: z.boolean() }),
  /** Conversations kept in the workspace. */
  'comparisons.list': nothing,
  'comparisons.open': z.object({ id: comparisonIdSchema }),
  'comparisons.save': z.object({ id: comparisonIdSchema, comparison: comparisonSchema }),
  'comparisons.delete': z.object({ id: comparisonIdSchema }),
  'workspace.forgetModel': z.object({ model: z.string() }),
  /** Tells which commands of the menu make sense now. */
  'menu.enable': z.object({ commands: z.array(z.enum(changingCommands)) }),
  'project.get': nothing,
  'project.save': projectSchema,
  'project.openSample': z.object({ id: z.enum(['stories', 'smollm2-e2e', 'smollm2-gsm8k']) }),
  'dialog.openModel': z.object({ kind: z.enum(['folder', 'gguf', 'weights']) }),
  'dialog.openData': z.object({ kind: z.enum(['file', 'folder']).default('file') }),
  /** Asks for a file with a run's settings. */
  'dialog.openSettings': nothing,
  /** A run's settings from a file. */
  'settingsFile.read': z.object({ path: z.string() }),
  'folder.kind': z.object({ path: z.string() }),
  'dialog.chooseOutput': z.object({ suggestedName: z.string().max(200) }),
  'shell.openFolder': z.object({ path: z.string() }),
  'shell.openLink': z.object({ url: z.url({ protocol: /^https$/ }) }),
  'engine.report': nothing,
  'engine.state': nothing,
  /** Lets the engine start again after repeated failures. */
  'engine.restart': nothing,
  'speed.get': nothing,
  /** Measures with which number of threads the engine is fastest; refused while it is at work. */
  'speed.measure': nothing,
  'model.inspect': requests.modelRequestSchema,
  'model.inspectFile': requests.inspectFileRequestSchema,
  /** Looks for models of other programs; a search under way is ended first. */
  'models.find': nothing,
  'models.stopFinding': nothing,
  'data.inspect': requests.dataRequestSchema,
  'data.preview': requests.previewRequestSchema,
  'data.lengths': requests.lengthsRequestSchema,
  'data.heldOut': requests.heldOutRequestSchema,
  'data.search': requests.searchRequestSchema,
  'data.place': requests.placeRequestSchema,
  'train.estimate': requests.trainConfigSchema,
  'train.fit': requests.fitRequestSchema,
  'export.choices': requests.exportChoicesRequestSchema,
  'export.report': requests.inspectFileRequestSchema,
  /** Earlier exports of a run, the newest first. */
  'export.history': z.object({ run: z.string() }),
  /** A folder in the workspace that does not exist yet. */
  'export.suggestFolder': z.object({ name: z.string().min(1).max(200) }),
  'hub.account': nothing,
  'hub.saveToken': z.object({ token: requests.hubTokenSchema }),
  'hub.forgetToken': nothing,
  'run.open': z.object({ run: z.string() }),
  /** Held-out rows that went best and worst. */
  'run.samples': z.object({ run: z.string() }),
  /** Results of studies in the workspace. */
  'study.list': nothing,
  'study.open': studyOpenRequestSchema,
  /** Sweeps in the workspace. */
  'sweep.list': nothing,
  'sweep.open': sweepOpenRequestSchema,
  /** Makes a trial a run of the workspace, wherever it was trained. */
  'trial.pull': trialPullRequestSchema.pick({ folder: true, trial: true }),
  'targets.list': nothing,
  /** A token that is left out stays as it is; an empty one is forgotten. */
  'targets.save': z.object({ target: targetSchema, token: z.union([targetTokenSchema, z.literal('')]).optional() }),
  'targets.remove': z.object({ name: targetNameSchema }),
  'targets.test': z.object({ name: targetNameSchema }),
  'jobs.start': z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('model.fetchSample'), input: requests.fetchSampleRequestSchema }),
    z.object({ kind: z.literal('analysis.run'), input: requests.analysisRequestSchema }),
    z.object({ kind: z.literal('train.run'), input: requests.trainRequestSchema.omit({ out: true }) }),
    z.object({ kind: z.literal('train.runOn'), input: trainOnJobSchema }),
    z.object({ kind: z.literal('train.resume'), input: requests.runRequestSchema }),
    z.object({ kind: z.literal('evaluate.run'), input: requests.evaluateRequestSchema }),
    z.object({ kind: z.literal('evaluate.task'), input: requests.evaluateTaskRequestSchema.omit({ answers: true }) }),
    z.object({ kind: z.literal('data.check'), input: requests.dataCheckRequestSchema }),
    z.object({ kind: z.literal('generate.run'), input: requests.generateRequestSchema }),
    z.object({ kind: z.literal('gates.run'), input: requests.gatesRequestSchema }),
    z.object({ kind: z.literal('calibrate.run'), input: requests.calibrationRequestSchema }),
    z.object({ kind: z.literal('adapter.compress'), input: requests.compressRequestSchema }),
    z.object({ kind: z.literal('export.run'), input: requests.exportRequestSchema }),
    z.object({ kind: z.literal('study.run'), input: studyRunRequestSchema.omit({ store: true }) }),
    z.object({ kind: z.literal('sweep.run'), input: sweepRunRequestSchema.omit({ folder: true }) }),
    z.object({ kind: z.literal('sweep.runOn'), input: z.object({ sweep: sweepSchema, target: targetNameSchema }) }),
    z.object({ kind: z.literal('export.verify'), input: requests.verifyRequestSchema }),
    z.object({ kind: z.literal('publish.run'), input: requests.publishSchema }),
  ]),
  'jobs.control': z.object({ jobId, action: z.enum(['pause', 'continue', 'stop', 'checkpoint', 'cancel']) }),
  'jobs.list': nothing,
  'jobs.snapshot': z.object({ jobId, afterSeq: z.number().int().gte(0).default(0) }),
  /** Answer to `close.requested`. `stop-and-keep` ends training at a checkpoint and then closes. */
  'window.close': z.object({ decision: z.enum(['stay', 'stop-and-keep', 'quit']) }),
  /** How far the demonstration driven by the window (`--demo`) has come; `finished` or `error` ends the app. */
  'demo.report': z.object({
    phase: z.string().max(200),
    done: z.number().gte(0),
    total: z.number().gte(0),
    message: z.string().max(2_000).optional(),
    finished: z.boolean().optional(),
    folder: z.string().max(4_096).optional(),
    error: z.string().max(10_000).optional(),
  }),
  /** Newer versions of the app. */
  'updates.get': nothing,
  'updates.check': nothing,
  'updates.download': nothing,
  'updates.cancel': nothing,
  'shell.showLogs': nothing,
  'shell.showLicences': nothing,
  'log.renderer': z.object({ level: z.enum(['error', 'warn', 'info']), message: z.string().max(10_000) }),
} as const;
