import { z } from 'zod';
import { exportFormatNames } from '../contract/exportFormats.ts';

/** The parts of `export_report.json` that are shown again. */
export const storedExportSchema = z.object({
  format: z.enum(exportFormatNames),
  type: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
  tensors: z.array(z.object({ name: z.string(), shape: z.array(z.number()), type: z.string(), bytes: z.number() })),
  checks: z.array(z.object({ name: z.string(), passed: z.boolean(), value: z.string(), bound: z.string() })),
  notes: z.array(z.string()).default([]),
  positions: z.number(),
  baseRounding: z
    .object({ type: z.string(), relativeError: z.number(), kl: z.number(), topOneAgreement: z.number() })
    .optional(),
});
