/**
 * The settings of every training method. Their equations stand in the folders of `methods/`, one for each.
 */
import { z } from 'zod';

const positive = z.number().int().positive();
const dropout = z.number().gte(0).lt(1).default(0);

export const rankRuleSchema = z.object({
  threshold: z.number().gt(0).lte(1).default(0.05),
  measure: z.enum(['sum', 'energy']).default('sum'),
  granularity: z.enum(['matrix', 'layer']).default('matrix'),
  floor: positive.optional(),
  cap: positive.optional(),
});

export const saraSchema = z.object({
  name: z.literal('sara'),
  ...rankRuleSchema.shape,
  init: z.enum(['zero-b', 'zero-lambda', 'svd', 'raw-lambda']).default('zero-b'),
  /** c in h = W0 x + c · B diag(λ) A x. */
  scaling: z.number().positive().default(1),
  /** The learning rate of λ is this times the learning rate. */
  lambdaLearningRateMultiplier: z.number().positive().default(1),
  /** On the input of the adapter, here and below. */
  dropout,
});

export const loraSchema = z.object({
  name: z.literal('lora'),
  rank: positive.default(8),
  /** Scaling is alpha / rank. */
  alpha: z.number().positive().default(16),
  /** rsLoRA: scaling is alpha / √rank. */
  rankStabilized: z.boolean().optional(),
  /** In place of `rank`: the one rank for all matrices whose parameters come nearest to, and not above, SARA’s by this rule. */
  budget: rankRuleSchema.optional(),
  dropout,
});

export const pissaSchema = z.object({
  name: z.literal('pissa'),
  rank: positive.default(8),
  /** Scaling is alpha / rank; the rank itself, that is a scaling of 1, where left out. */
  alpha: z.number().positive().optional(),
  rankStabilized: z.boolean().optional(),
  dropout,
});

export const methodSchema = z.discriminatedUnion('name', [saraSchema, loraSchema, pissaSchema]);

export type RankRuleConfig = z.infer<typeof rankRuleSchema>;
export type SaraConfig = z.infer<typeof saraSchema>;
export type LoraConfig = z.infer<typeof loraSchema>;
export type PissaConfig = z.infer<typeof pissaSchema>;
export type MethodConfig = z.infer<typeof methodSchema>;
