/**
 * A sweep: one training for every combination of some settings and every seed, here or on a cluster. The trials and
 * their numbers follow from this alone, so the same sweep is the same trainings wherever it runs.
 */
import { z } from 'zod';
import { trainConfigSchema } from './requests.schema.ts';
import { targetCallSchema, targetNameSchema } from './targets.schema.ts';

const count = z.number().int().nonnegative();
const positive = z.number().int().positive();

/** Plain JSON; what a configuration does not take is refused when the trials are planned. */
const valueSchema = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.unknown()),
  z.record(z.string(), z.unknown()),
]);

/** Values tried one after the other; anything a configuration may hold at that place. */
const listedSchema = z.object({ values: z.array(valueSchema).min(1).max(1_000) });
/** An interval from which a random search draws; a grid takes `steps` values from it, both ends included. */
const rangeSchema = z
  .object({
    from: z.number(),
    to: z.number(),
    scale: z.enum(['linear', 'log']).default('linear'),
    /** Draws whole numbers. */
    whole: z.boolean().default(false),
    steps: z.number().int().gte(2).lte(1_000).optional(),
  })
  .refine(({ from, to }) => from < to, 'from must be less than to')
  .refine(({ from, scale }) => scale === 'linear' || from > 0, 'a logarithmic scale begins above 0');

/** Asynchronous successive halving (Li et al. 2020), decided in the order of the trials' numbers. */
const halvingSchema = z.object({
  /** Steps before a trial may be stopped; rungs are at grace · reductionⁿ. */
  grace: positive,
  /** At each rung one trial in so many goes on. */
  reduction: z.number().int().gte(2).lte(16).default(3),
});

const resourcesSchema = z
  .object({ cpus: z.number().positive().max(1_024).default(1), gpus: z.number().gte(0).max(64).default(0) })
  .prefault({});

export const sweepSchema = z.object({
  name: z
    .string()
    .max(60)
    .regex(/^[A-Za-z0-9][\w.-]*$/, 'use letters, digits, - _ and .')
    .default('sweep'),
  /** The settings of all trials. */
  config: trainConfigSchema,
  /** Settings that are tried, by their place in the configuration: `learningRate`, `method.threshold`, `method`. */
  space: z.record(
    z.string().regex(/^[a-zA-Z]+(\.[a-zA-Z]+)*$/, 'a place such as method.threshold'),
    z.union([listedSchema, rangeSchema]),
  ),
  seeds: z.array(count).min(1).max(64).default([0]),
  search: z
    .discriminatedUnion('name', [
      z.object({ name: z.literal('grid') }),
      z.object({ name: z.literal('random'), samples: positive.max(10_000), seed: count.default(0) }),
    ])
    .default({ name: 'grid' }),
  /** Stops trials that fall behind; none where left out. */
  stopping: halvingSchema.optional(),
  /** What a trial is given on a cluster. */
  resources: resourcesSchema,
});

/** Folder that holds a sweep: `sweep.json`, finished trials, and the runs. */
const folder = z.string().min(1).max(4_096);

export const sweepRunRequestSchema = z.object({
  sweep: sweepSchema,
  folder,
  /** Stop after so many new trials, to go on another time; all where left out. */
  maxNewTrials: count.optional(),
});
export const sweepRunOnRequestSchema = z.object({ sweep: sweepSchema, folder, target: targetCallSchema });
/** One run on a cluster. */
export const trainOnRequestSchema = z.object({
  config: trainConfigSchema,
  /** Keeps what is known of the job, so that it is found again. */
  folder,
  /** Folder of the run when it comes home; it must not exist yet. */
  out: folder,
  target: targetCallSchema,
  resources: resourcesSchema,
});
/** The same as a job of the app: the cluster by its name. */
export const trainOnJobSchema = trainOnRequestSchema.pick({ config: true, resources: true }).extend({
  target: targetNameSchema,
  /** Name of the folder that keeps a run begun before, to go on with it; a new run where left out. */
  kept: z
    .string()
    .min(1)
    .max(255)
    .regex(/^(?!\.{1,2}$)[^/\\]+$/, 'the name of a folder')
    .optional(),
});
export const sweepListRequestSchema = z.object({ store: z.string().min(1).max(4_096) });
export const sweepOpenRequestSchema = z.object({ folder });
export const trialPullRequestSchema = z.object({
  folder,
  /** Number of the trial whose run is to come home. */
  trial: positive,
  /** Folder of the run; it must not exist yet. */
  out: folder,
  /** Where the sweep ran; left out for one that ran here. */
  target: targetCallSchema.optional(),
});

export type Sweep = z.infer<typeof sweepSchema>;
export type SweepInput = z.input<typeof sweepSchema>;
export type SweepRange = z.infer<typeof rangeSchema>;
export type SettingValue = z.infer<typeof valueSchema>;
export type Halving = z.infer<typeof halvingSchema>;
export type SweepRunRequest = z.infer<typeof sweepRunRequestSchema>;
export type TrainOnRequest = z.infer<typeof trainOnRequestSchema>;
export type TrainOnJob = z.infer<typeof trainOnJobSchema>;
export type TrialPullRequest = z.infer<typeof trialPullRequestSchema>;
