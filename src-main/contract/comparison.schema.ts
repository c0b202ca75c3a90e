/** A conversation with one to four models side by side, with what the person thinks of the answers. */
import { z } from 'zod';

const text = z.string().max(1_000_000);

/** Name of its file, without ending. */
export const comparisonIdSchema = z.string().regex(/^[A-Za-z0-9][\w-]{0,63}$/);

/** Who answers in a column. */
export const columnSchema = z.object({
  /** A model, or a run. */
  target: z.string().min(1).max(4096),
  /** Which adapter of a run: none, that of a step, or that of a checkpoint by its role; a model answers as it is. */
  use: z.union([z.enum(['model', 'base', 'best', 'last']), z.number().int().positive()]),
  /** What stands over the column. */
  name: z.string().max(300),
});

export const answerSchema = z.object({
  text,
  state: z.enum(['done', 'stopped', 'failed']),
  /** Why it ended by itself. */
  ended: z.enum(['end-token', 'stop-text', 'length']).optional(),
  tokensPerSecond: z.number().optional(),
  error: z.string().max(10_000).optional(),
  rating: z.enum(['up', 'down']).optional(),
  note: z.string().max(20_000).optional(),
});

export const comparisonSchema = z.object({
  version: z.literal(1).default(1),
  name: z.string().max(300),
  savedAt: z.string(),
  columns: z.array(columnSchema).min(1).max(4),
  options: z.object({
    temperature: z.number().gte(0),
    topP: z.number().gt(0).lte(1),
    maxNewTokens: z.number().int().positive(),
    stop: z.array(z.string().min(1).max(200)).max(8),
    seed: z.number().int().gte(0),
  }),
  systemPrompt: z.string().max(20_000),
  turns: z
    .array(
      z.object({
        question: text,
        /** The answer that the data has, for a question taken from it. */
        expected: text.optional(),
        /** Set for a question that stands alone, without what was said before. */
        alone: z.boolean().optional(),
        /** The conversation that the question ends, where it stands alone and is more than one text. */
        messages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: text })).optional(),
        /** One for each column; null where it was not answered. */
        answers: z.array(answerSchema.nullable()).max(4),
      }),
    )
    .max(2_000),
});

export type Column = z.infer<typeof columnSchema>;
export type KeptAnswer = z.infer<typeof answerSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
