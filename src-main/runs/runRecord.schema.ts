import { z } from 'zod';
import { trainConfigSchema } from '../contract/requests.schema.ts';
import type { RunRecord } from '../contract/training.ts';

const step = z.number().int().nonnegative();
const amount = z.number().nonnegative();
const needsSchema = z.object({
  estimated: z.object({
    memory: z.object({
      weights: amount,
      adapters: amount,
      optimizer: amount,
      activations: amount,
      runtime: amount,
      peaks: z.object({ training: amount, evaluation: amount, saving: amount }),
      total: amount,
    }),
    disk: z.object({ checkpoint: amount, checkpoints: amount, shared: amount, records: amount, total: amount }),
    time: z.object({ training: amount, evaluation: amount }).exactOptional(),
  }),
  measured: z.object({ memory: amount, seconds: amount, disk: amount }).exactOptional(),
});

/** `run.json`, version 1. Settings that a later version of the app added take their defaults. */
export const runRecordSchema: z.ZodType<RunRecord> = z.object({
  version: z.literal(1),
  id: z.string().min(1),
  name: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  appVersion: z.string(),
  state: z.enum(['created', 'running', 'paused', 'done', 'stopped', 'failed']),
  config: trainConfigSchema,
  model: z.object({ path: z.string(), name: z.string(), family: z.string(), hash: z.string() }),
  ranks: z.array(
    z.object({
      name: z.string(),
      layer: z.number().int(),
      module: z.string(),
      shape: z.tuple([z.number().int().positive(), z.number().int().positive()]),
      rank: z.number().int().nonnegative(),
      trainable: z.number().int().nonnegative(),
    }),
  ),
  trainable: z.number().int().nonnegative(),
  totalSteps: step,
  step,
  best: z.object({ step, loss: z.number() }).nullable(),
  last: z.object({ step }).nullable(),
  baseLoss: z.number().nullable(),
  layout: z.enum(['prompt', 'instruction', 'messages', 'text']).exactOptional(),
  compressed: z.object({ run: z.string(), step, energy: z.number(), method: z.string() }).exactOptional(),
  neutral: z
    .object({
      tokens: z.number().int().positive(),
      before: z.number(),
      last: z.object({ step, loss: z.number() }).exactOptional(),
      best: z.object({ step, loss: z.number() }).exactOptional(),
    })
    .exactOptional(),
  error: z.object({ code: z.string(), message: z.string() }).exactOptional(),
  needs: needsSchema.exactOptional(),
});
