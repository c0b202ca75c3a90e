/** The one map of what the window may ask of the main process: route → schema of its input. Outputs are in `routes.ts`. */
import { z } from 'zod';
import * as requests from './requests.schema.ts';
import { projectSchema, settingsPatchSchema } from './settings.schema.ts';

const nothing = z.object({});
const jobId = z.string().min(1).max(64);

export const routeSchemas = {
  'app.info': nothing,
  'settings.get': nothing,
  'settings.update': settingsPatchSchema,
  'workspace.home': nothing,
  'workspace.deleteRun': z.object({ run: z.string() }),
  'project.get': nothing,
  'project.save': projectSchema,
  'project.openSample': z.object({ id: z.enum(['stories', 'smollm2-e2e', 'smollm2-gsm8k']) }),
  'dialog.openModel': z.object({ kind: z.enum(['folder', 'gguf']) }),
  'dialog.openData': nothing,
  'dialog.chooseOutput': z.object({ suggestedName: z.string().max(200) }),
  'shell.openFolder': z.object({ path: z.string() }),
  'shell.openLink': z.object({ url: z.url({ protocol: /^https$/ }) }),
  'engine.report': nothing,
  'model.inspect': requests.modelRequestSchema,
  'data.inspect': requests.dataRequestSchema,
  'data.preview': requests.previewRequestSchema,
  'data.lengths': requests.lengthsRequestSchema,
  'train.estimate': requests.trainConfigSchema,
  'run.open': z.object({ run: z.string() }),
  'jobs.start': z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('model.fetchSample'), input: requests.fetchSampleRequestSchema }),
    z.object({ kind: z.literal('analysis.run'), input: requests.analysisRequestSchema }),
    z.object({ kind: z.literal('train.run'), input: requests.trainRequestSchema.omit({ out: true }) }),
    z.object({ kind: z.literal('train.resume'), input: requests.runRequestSchema }),
    z.object({ kind: z.literal('evaluate.run'), input: requests.evaluateRequestSchema }),
    z.object({ kind: z.literal('generate.run'), input: requests.generateRequestSchema }),
    z.object({ kind: z.literal('export.run'), input: requests.exportRequestSchema }),
  ]),
  'jobs.control': z.object({ jobId, action: z.enum(['pause', 'continue', 'stop', 'checkpoint', 'cancel']) }),
  'jobs.list': nothing,
  'jobs.snapshot': z.object({ jobId, afterSeq: z.number().int().gte(0).default(0) }),
  'log.renderer': z.object({ level: z.enum(['error', 'warn', 'info']), message: z.string().max(10_000) }),
} as const;
