/** What a person writes about a run: `notes.json` of its folder. */
import { z } from 'zod';

export const runNotesSchema = z.object({
  tags: z.array(z.string().trim().min(1).max(40)).max(20).default([]),
  note: z.string().max(20_000).default(''),
});
export type RunNotes = z.infer<typeof runNotesSchema>;
