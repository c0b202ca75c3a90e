/** The `@sara ` lines of the programs in `resources/ray`. */
import { z } from 'zod';
import type { TrainEvent } from '../contract/training.ts';

const evaluations = z.array(z.tuple([z.number().int(), z.number()]));

/** What has changed of a trial; `+` are new evaluations, `=` all of them. */
export const trialChangesSchema = z.object({
  state: z.enum(['running', 'done', 'stopped', 'failed']).optional(),
  step: z.number().int().optional(),
  totalSteps: z.number().int().optional(),
  baseLoss: z.number().optional(),
  trainLoss: z.number().optional(),
  trainable: z.number().int().optional(),
  seconds: z.number().optional(),
  repeatedSteps: z.number().int().optional(),
  node: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  '+': evaluations.optional(),
  '=': evaluations.optional(),
});

export const driverLineSchema = z.object({
  n: z.number().int(),
  /** The driver has begun. */
  begun: z.string().optional(),
  t: z.array(z.tuple([z.number().int(), trialChangesSchema])).optional(),
  /** Events of a run; they come from the same engine that states their type. */
  e: z
    .array(z.tuple([z.number().int(), z.custom<TrainEvent>((value) => typeof value === 'object' && value !== null)]))
    .optional(),
  note: z.string().optional(),
  failure: z.string().optional(),
  end: z.boolean().optional(),
});

export const fileAnswerSchema = z.object({
  failure: z.string().optional(),
  have: z.array(z.string()).optional(),
  taken: z.number().optional(),
  latest: z
    .object({
      sha256: z.string(),
      bytes: z.number().int().nonnegative(),
      step: z.number().int(),
    })
    .optional(),
  sent: z.boolean().optional(),
  ray: z.string().optional(),
  probe: z
    .array(
      z.object({
        id: z.string(),
        address: z.string(),
        cpus: z.number(),
        gpus: z.number(),
        memoryBytes: z.number(),
        platform: z.string(),
        node: z.string().optional(),
        freeDiskBytes: z.number(),
        ready: z.boolean(),
        problem: z.string().optional(),
        storageProblem: z.string().optional(),
        storageFree: z.number().nullish(),
      }),
    )
    .optional(),
});

export type TrialChanges = z.infer<typeof trialChangesSchema>;
export type DriverLine = z.infer<typeof driverLineSchema>;
export type FileAnswer = z.infer<typeof fileAnswerSchema>;
