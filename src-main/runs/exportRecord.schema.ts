import { z } from 'zod';
import type { ExportRecord } from '../contract/exports.ts';
import { exportFormatNames } from '../contract/exportFormats.ts';

/** One line of `exports.jsonl`. */
export const exportRecordSchema: z.ZodType<ExportRecord> = z.object({
  at: z.string(),
  out: z.string().min(1),
  format: z.enum(exportFormatNames),
  type: z.string(),
  bytes: z.number(),
  step: z.number(),
  seconds: z.number(),
});
