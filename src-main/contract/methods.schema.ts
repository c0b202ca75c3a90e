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

/** DoRA: LoRA on the direction of each row of the weight, beside a trained length of the row. */
export const doraSchema = z.object({
  name: z.literal('dora'),
  rank: positive.default(8),
  /** Scaling is alpha / rank. */
  alpha: z.number().positive().default(16),
  /** Scaling is alpha / √rank. */
  rankStabilized: z.boolean().optional(),
  dropout,
});

/**
 * AdaLoRA: every matrix begins with the same rank; triplets of singular value and vectors that matter least are taken
 * away until the ranks add up to the target. The names of the steps are PEFT’s.
 */
export const adaloraSchema = z.object({
  name: z.literal('adalora'),
  /** Rank of every matrix at the start (`init_r`). */
  initialRank: positive.default(12),
  /** Mean rank of a matrix at the end (`target_r`), less than or equal to the rank at the start. */
  targetRank: positive.default(8),
  /** Scaling is alpha / initialRank, throughout. */
  alpha: z.number().positive().default(16),
  /** Steps before the first rank is taken away; a tenth of the run’s steps where left out. */
  tinit: z.number().int().nonnegative().optional(),
  /** Steps at the end during which the ranks stay as they are; a fifth of the run’s steps where left out. */
  tfinal: positive.optional(),
  /** Steps between two changes of the ranks. */
  deltaT: positive.default(1),
  /** Smoothing of the importance of a value, and of how much it wavers. */
  beta1: z.number().gt(0).lt(1).default(0.85),
  beta2: z.number().gt(0).lt(1).default(0.85),
  /** Weight of the penalty on singular vectors that are not orthogonal. */
  orthogonalWeight: z.number().gte(0).default(0.5),
  dropout,
});

/** Full fine-tuning: the weights themselves are trained. Which linear maps, the targets of the run say. */
export const fullSchema = z.object({
  name: z.literal('full'),
  /** Every parameter; all but embeddings, learned positions and the head; or the weights and biases of linear maps alone. */
  scope: z.enum(['all', 'without-embeddings', 'matrices']).default('all'),
});

/** Mo-SARA: parallel sets of singular values, mixed by a router. */
export const mosaraSchema = z.object({
  name: z.literal('mosara'),
  ...rankRuleSchema.shape,
  threshold: z.number().gt(0).lte(1).default(0.5),
  /** n, the parallel sets of singular values that a router mixes for every token. One set merges exactly. */
  sets: positive.max(64).default(5),
  /** What makes the gates of z = V_kᵀ x: a vector and a factor for each set, or a full map from k to n. */
  router: z.enum(['rank1', 'linear']).default('rank1'),
  /** Whether a vector over the outputs is trained too. */
  output: z.enum(['vector', 'none']).default('vector'),
  /** c in h = W0 x + c · diag(v) U_k diag(Σ g_i λ_i) V_kᵀ x. */
  scaling: z.number().positive().default(1),
  dropout,
});

export const methodSchema = z.discriminatedUnion('name', [
  saraSchema,
  loraSchema,
  pissaSchema,
  mosaraSchema,
  doraSchema,
  adaloraSchema,
  fullSchema,
]);

export type RankRuleConfig = z.infer<typeof rankRuleSchema>;
export type SaraConfig = z.infer<typeof saraSchema>;
export type LoraConfig = z.infer<typeof loraSchema>;
export type PissaConfig = z.infer<typeof pissaSchema>;
export type DoraConfig = z.infer<typeof doraSchema>;
export type AdaloraConfig = z.infer<typeof adaloraSchema>;
export type FullConfig = z.infer<typeof fullSchema>;
export type MosaraConfig = z.infer<typeof mosaraSchema>;
export type MethodConfig = z.infer<typeof methodSchema>;
