/** Files of the workspace that the window never sees as they are. */
import { z } from 'zod';

const recentFileSchema = z.object({ path: z.string(), name: z.string(), openedAt: z.string() });
export type RecentFile = z.infer<typeof recentFileSchema>;

export const recentModelsSchema = z.object({ version: z.literal(1), models: z.array(recentFileSchema) });
export type RecentModels = z.infer<typeof recentModelsSchema>;

export const recentDataSchema = z.object({ version: z.literal(1), files: z.array(recentFileSchema) });
export type RecentData = z.infer<typeof recentDataSchema>;

/** Where the window was when it was closed. */
export const windowBoundsSchema = z.object({
  version: z.literal(1),
  bounds: z
    .object({ x: z.number().int(), y: z.number().int(), width: z.number().int(), height: z.number().int() })
    .optional(),
  maximized: z.boolean(),
});
export type WindowBounds = z.infer<typeof windowBoundsSchema>;
