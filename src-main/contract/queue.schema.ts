/** The queue of trainings as the main process keeps it on disk, and what the window may add to it. */
import { z } from 'zod';
import { runRequestSchema, trainRequestSchema } from './requests.schema.ts';

/** A training that may wait: a new run, or going on with one. */
export const queuedTrainingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('train.run'), input: trainRequestSchema.omit({ out: true }) }),
  z.object({ kind: z.literal('train.resume'), input: runRequestSchema }),
]);

const entrySchema = z.object({
  id: z.string().min(1).max(64),
  request: queuedTrainingSchema,
  addedAt: z.string(),
  /** Trainings that belong together, e.g. the trials of a sweep. */
  group: z.object({ id: z.string().min(1).max(64), name: z.string().max(200) }).optional(),
});

/** `queue.json` of the state folder. */
export const queueFileSchema = z.object({
  version: z.literal(1),
  waiting: z.array(entrySchema),
  /** What was at work when the file was written, and its run folder once it was known. */
  running: z.object({ entry: entrySchema, run: z.string().optional() }).optional(),
});

export type QueuedTraining = z.infer<typeof queuedTrainingSchema>;
export type QueueEntry = z.infer<typeof entrySchema>;
export type QueueFile = z.infer<typeof queueFileSchema>;
