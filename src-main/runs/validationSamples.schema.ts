import { z } from 'zod';
import type { ValidationSamples } from '../contract/samples.ts';

const count = z.number().int().nonnegative();

const judgedRowSchema = z.object({
  row: count,
  loss: z.number(),
  baseLoss: z.number().exactOptional(),
  tokens: z.array(z.object({ text: z.string(), loss: z.number().nullable() })),
  more: count.exactOptional(),
});

/** `samples/best.json` and `samples/last.json`. */
export const validationSamplesSchema: z.ZodType<ValidationSamples> = z.object({
  step: count,
  rows: count,
  worst: z.array(judgedRowSchema),
  best: z.array(judgedRowSchema),
});

/** `samples/start.json`. */
export const startLossesSchema = z.array(z.number());
