/** The file of a kept measurement. */
import { z } from 'zod';

const threads = z.number().int().gte(1).lte(4096);
const rateSchema = z.object({ threads, flopsPerSecond: z.number().positive() });

export const keptSpeedSchema = z
  .object({
    version: z.literal(1),
    processor: z.string(),
    cores: z.number().int().gte(1),
    engine: z.string(),
    tensorflowVersion: z.string(),
    device: z.enum(['cpu', 'gpu']),
    measuredAt: z.iso.datetime(),
    rates: z.array(rateSchema).min(1),
    threads,
  })
  // A choice that was not measured was written by something else.
  .refine((kept) => kept.rates.some((rate) => rate.threads === kept.threads));
