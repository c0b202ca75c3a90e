/**
 * What a study is asked: the experiments behind the paper's figures, for any model. Probes are short trainings with the
 * settings of a run, so that each point of a study can be repeated with `sara train`.
 */
import { z } from 'zod';
import { methodSchema, rankRuleSchema, saraSchema } from './methods.schema.ts';
import { targetsSchema, trainConfigSchema } from './requests.schema.ts';

const path = z.string().min(1).max(4096);
const count = z.number().int().nonnegative();
const positive = z.number().int().positive();
const threshold = z.number().gt(0).lte(1);
const learningRates = z.array(z.number().positive()).min(1).max(32);
const seeds = z.array(count).min(1).max(64);

/** The settings that all probes of a study share. */
export const probeSchema = trainConfigSchema
  .pick({
    data: true,
    batchSize: true,
    accumulation: true,
    sequenceLength: true,
    packing: true,
    lengthBuckets: true,
    schedule: true,
    warmupSteps: true,
    weightDecay: true,
    betas: true,
    epsilon: true,
    clipNorm: true,
    activationCheckpointing: true,
  })
  .extend({ steps: positive.max(100_000).default(24) });

const model = { model: path, targets: targetsSchema.default('all') };
const sara = saraSchema.prefault({ name: 'sara' });

/** fig1: one matrix, its spectrum, the cut at m and the adapter that follows, to scale. */
export const overviewStudySchema = z.object({
  study: z.literal('overview'),
  model: path,
  /** Module path; the matrix of the middle layer that comes first, where left out. */
  matrix: z.string().min(1).max(500).optional(),
  rule: rankRuleSchema.prefault({}),
  /** Largest side of the picture of W0 in cells. */
  imageSize: positive.max(256).default(96),
});

/** Threshold: ranks and parameters over m, and held-out loss where a probe is given. */
export const thresholdStudySchema = z.object({
  study: z.literal('threshold'),
  ...model,
  thresholds: z.array(threshold).min(1).max(64).default([0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5]),
  /** Its threshold is replaced by those of the grid. */
  method: sara,
  probe: probeSchema.optional(),
  /** Thresholds that are probed; all of them where left out. */
  probeThresholds: z.array(threshold).min(1).max(64).optional(),
  learningRates: learningRates.default([1e-3]),
  seeds: seeds.default([0]),
});

/** relation: one layer, or one matrix, adapted at a time; gain of held-out loss against k. */
export const relationStudySchema = z.object({
  study: z.literal('relation'),
  ...model,
  method: sara,
  unit: z.enum(['layer', 'matrix']).default('layer'),
  probe: probeSchema,
  learningRate: z.number().positive().default(3e-3),
  seeds: seeds.default([0]),
});

const spectra = {
  model: path,
  /** Layers looked at; all where left out. */
  layers: z.array(count).min(1).optional(),
  rule: rankRuleSchema.prefault({}),
};
/** heads: the rows of W_q, W_k, W_v and the columns of W_o that belong to each attention head. */
export const headsStudySchema = z.object({ study: z.literal('heads'), ...spectra });
/** merged: whole W_q, W_k, W_v and W_o; of a fused matrix its parts. */
export const mergedStudySchema = z.object({ study: z.literal('merged'), ...spectra });
/** QVmerged: W_q and W_v stacked, [W_q; W_v]. */
export const queryValueStudySchema = z.object({ study: z.literal('QVmerged'), ...spectra });

/** robustness: SARA against LoRA at equal budget over seeds, learning rates and shares of the data. */
export const robustnessStudySchema = z.object({
  study: z.literal('robustness'),
  ...model,
  method: sara,
  probe: probeSchema,
  learningRates: learningRates.default([3e-4, 1e-3, 3e-3]),
  seeds: seeds.default([0, 1, 2]),
  /** Shares of the training rows. */
  fractions: z.array(threshold).min(1).max(16).default([0.25, 1]),
});

/** scaling: k and trainable share against the size of models. */
export const scalingStudySchema = z.object({
  study: z.literal('scaling'),
  models: z.array(path).min(1).max(64),
  targets: targetsSchema.default('all'),
  rule: rankRuleSchema.prefault({}),
  thresholds: z.array(threshold).min(1).max(16).default([0.05, 0.1, 0.25, 0.5]),
});

/** ablation: methods side by side, each over learning rates and seeds. */
export const ablationStudySchema = z.object({
  study: z.literal('ablation'),
  ...model,
  methods: z
    .array(
      z.object({
        label: z.string().min(1).max(80),
        method: methodSchema,
        /** In place of the study's. */
        learningRates: learningRates.optional(),
      }),
    )
    .min(1)
    .max(64),
  /** Label of the method that the others are compared with; the first where left out. */
  reference: z.string().min(1).max(80).optional(),
  learningRates: learningRates.default([3e-4, 1e-3, 3e-3]),
  seeds: seeds.default([0, 1, 2]),
  probe: probeSchema,
});

export const studySchema = z.discriminatedUnion('study', [
  overviewStudySchema,
  thresholdStudySchema,
  relationStudySchema,
  headsStudySchema,
  mergedStudySchema,
  queryValueStudySchema,
  robustnessStudySchema,
  scalingStudySchema,
  ablationStudySchema,
]);

export const studyRunRequestSchema = z.object({
  study: studySchema,
  /** Folder of finished points and results; what is in it is not computed again. */
  store: path,
  /** Stop after so many new points, to go on another time; all where left out. 0 only reads the store. */
  maxNewPoints: count.optional(),
  /** Whether the result is kept as a file in the store once it is complete. */
  keepResult: z.boolean().default(true),
});
export const studyListRequestSchema = z.object({ store: path });
export const studyOpenRequestSchema = z.object({ path });

export type ProbeSettings = z.infer<typeof probeSchema>;
export type OverviewStudy = z.infer<typeof overviewStudySchema>;
export type ThresholdStudy = z.infer<typeof thresholdStudySchema>;
export type RelationStudy = z.infer<typeof relationStudySchema>;
export type SpectraStudy = z.infer<typeof headsStudySchema | typeof mergedStudySchema | typeof queryValueStudySchema>;
export type RobustnessStudy = z.infer<typeof robustnessStudySchema>;
export type ScalingStudy = z.infer<typeof scalingStudySchema>;
export type AblationStudy = z.infer<typeof ablationStudySchema>;
export type Study = z.infer<typeof studySchema>;
export type StudyRunRequest = z.infer<typeof studyRunRequestSchema>;
