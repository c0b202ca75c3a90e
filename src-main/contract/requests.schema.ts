/**
 * The schemas of everything that crosses a trust border: the renderer's requests, the command line's options and
 * configuration files. Only files named `*.schema.ts` import zod; the renderer imports from them types alone.
 */
import { z } from 'zod';
import { exportFormatNames, floatTypes, ggufQuants } from './exportFormats.ts';
import { methodSchema } from './methods.schema.ts';
import { dropRules, moveRules } from './dataCheck.ts';
import { productTypes } from './productTypes.ts';
import { taskNames } from './tasks.ts';
import { weightPrecisions } from './weightPrecision.ts';
import { withoutDefaults } from './withoutDefaults.schema.ts';

const path = z.string().min(1).max(4096);
const count = z.number().int().nonnegative();
const positive = z.number().int().positive();

/** Input of what needs none. */
export const nothingSchema = z.object({});

const column = z.string().min(1);
const mappingSchema = z.union([
  z.object({ prompt: column, context: column.optional(), completion: column, text: z.undefined().optional() }),
  z.object({ text: column, prompt: z.undefined().optional() }),
]);

/** Every linear projection of the family, or the named modules (`q_proj`, …). */
export const targetsSchema = z.union([z.literal('all'), z.array(z.string().min(1)).min(1)]);

export const dataConfigSchema = z.object({
  path,
  mapping: mappingSchema.optional(),
  /** A file of its own for validation, or the share of rows held out (by seed). */
  validationPath: path.optional(),
  validationShare: z.number().gte(0).lt(1).default(0.1),
  /** Seed of the rows held out and drawn, where runs of different seeds are to have the same; the run's where left out. */
  rowSeed: count.optional(),
  template: z.enum(['chat', 'plain']).default('chat'),
  /** A chat template in Jinja that takes the place of the model's own, also in what is exported; for `chat` alone. */
  chatTemplate: z.string().min(1).max(100_000).optional(),
  systemPrompt: z.string().max(20_000).optional(),
  /** Loss on the completion alone (true) or on every token. */
  completionOnly: z.boolean().default(true),
  skipBadRows: z.boolean().default(false),
  /** Usable rows that are left out before the split, or after it from the training side; see {@link dropRules}. */
  drop: z.array(z.enum(dropRules)).optional(),
  /** Rows that change sides after the split; see {@link moveRules}. */
  move: z.array(z.enum(moveRules)).optional(),
  /** Single rows that are left out, by their numbers. */
  dropRows: z.array(positive).max(10_000).optional(),
  /** Use at most this many training rows and validation rows, drawn by the seed. */
  maxRows: positive.optional(),
  maxValidationRows: positive.optional(),
});

export const trainConfigSchema = z.object({
  model: path,
  data: dataConfigSchema,
  method: methodSchema,
  targets: targetsSchema.default('all'),
  /** Adapt these layers alone, counted from 0; all where left out. */
  layers: z.array(count).min(1).optional(),
  /** Optimizer steps. Takes precedence over `epochs`. */
  steps: positive.optional(),
  epochs: z.number().positive().default(1),
  /** Rows per micro-batch, and micro-batches per optimizer step. */
  batchSize: positive.default(8),
  accumulation: positive.default(1),
  /** Longest row in tokens; longer ones are cut at the end. */
  sequenceLength: positive.default(512),
  /** Fill each row of the batch with several examples that do not see each other. */
  packing: z.boolean().default(false),
  /** Put examples of like length into one batch. */
  lengthBuckets: z.boolean().default(true),
  /** The default suits SARA and LoRA; whoever knows the method asks `startingLearningRate`. */
  learningRate: z.number().positive().default(3e-3),
  schedule: z.enum(['constant', 'linear', 'cosine']).default('linear'),
  warmupSteps: count.default(0),
  weightDecay: z.number().gte(0).default(0.01),
  betas: z.tuple([z.number().gte(0).lt(1), z.number().gte(0).lt(1)]).default([0.9, 0.999]),
  epsilon: z.number().positive().default(1e-8),
  /** Largest L2 norm over all gradients; 0 turns clipping off. */
  clipNorm: z.number().gte(0).default(1),
  seed: count.default(0),
  /** Recompute activations in the backward pass: less memory, about a third more time. */
  activationCheckpointing: z.boolean().default(false),
  /**
   * How frozen weights are kept: as float32; 16-bit ones as they are stored, which is exact and takes half the memory;
   * in 8-bit blocks, which is not exact; `auto`: as float32 where they fit, else as stored.
   */
  weights: z.enum(weightPrecisions).default('auto'),
  /**
   * bfloat16: products of matrices take their operands rounded to 8 significant bits, as torch.autocast has it; all
   * else is float32. Runs from before there was a choice are float32.
   */
  products: z.enum(productTypes).default('float32'),
  /** Evaluate every this many optimizer steps; 0 only at the end. */
  evaluateEvery: count.default(0),
  /** Stop after this many evaluations without a better loss; 0 never. */
  patience: count.default(0),
  /** Save every this many steps; 0 only at the end and at evaluations. */
  saveEvery: count.default(0),
  /** Checkpoints kept besides the best. */
  keepCheckpoints: positive.default(2),
  /** Prompts answered at every evaluation. */
  samplePrompts: z.array(z.string().max(20_000)).max(8).default([]),
});

/**
 * A configuration of which any part may still be missing, without defaults: what is not stated stays open, so that
 * the chosen preset or the model may still decide it.
 */
export const trainConfigDraftSchema = z.object(withoutDefaults(trainConfigSchema.shape)).partial();

export const modelRequestSchema = z.object({ model: path });
export const analysisRequestSchema = z.object({ model: path, targets: targetsSchema.default('all') });

export const dataRequestSchema = z.object({ path, mapping: mappingSchema.optional() });

export const previewRequestSchema = z.object({
  model: path,
  data: dataConfigSchema,
  sequenceLength: positive,
  from: count.default(0),
  count: positive.max(200).default(20),
});
/** Lengths of the rows that a run with this seed would use. */
export const lengthsRequestSchema = z.object({
  model: path,
  data: dataConfigSchema,
  sequenceLength: positive,
  seed: count.default(0),
});
/** Usable rows that hold a text, upper and lower case alike. */
export const searchRequestSchema = dataRequestSchema.extend({
  text: z.string().min(1).max(500),
  most: positive.max(5_000).default(1_000),
});
/** The place of a row among the usable ones, by its number. */
export const placeRequestSchema = dataRequestSchema.extend({ row: positive });

/** `budget`: bytes of memory to stay under, where that is less than what is free. */
export const fitRequestSchema = z.object({ config: trainConfigSchema, budget: z.number().positive().optional() });
export const trainRequestSchema = z.object({ config: trainConfigSchema, out: path });
export const runRequestSchema = z.object({ run: path });

/** Rows that a run was evaluated on, as prompts with their answers, from the first on. */
export const heldOutRequestSchema = z.object({ run: path, count: positive.max(200).default(20) });

/** What is wrong with rows that can be used; `sequenceLength` and `seed` are those of the run. */
export const dataCheckRequestSchema = z.object({
  /** Needed to count tokens; without it no row is found too long. */
  model: path.optional(),
  data: dataConfigSchema,
  sequenceLength: positive.default(512),
  seed: count.default(0),
});

export const evaluateTaskRequestSchema = z.object({
  /** A model, or a run (its best checkpoint is used). */
  model: path,
  task: z.enum(taskNames),
  /** The rows of the task; where the app ships a sample of it, that is taken without. */
  data: path.optional(),
  /** At most this many rows, drawn by the seed. */
  limit: positive.optional(),
  seed: count.default(0),
  scoring: z.enum(['generation', 'likelihood']).optional(),
  /** Layout of the prompts; by default that of the run, else the chat template. */
  prompt: z.enum(['chat', 'plain', 'alpaca']).optional(),
  systemPrompt: z.string().max(20_000).optional(),
  maxNewTokens: positive.max(4096).optional(),
  batchSize: positive.default(8),
  /** For a run: its base model instead of the adapter. */
  base: z.boolean().default(false),
  /** Where every row's answer is written, as JSONL; for a run by default into its folder. */
  answers: path.optional(),
});

export const evaluateRequestSchema = z.object({
  /** A model, or a run (its best checkpoint is used). */
  model: path,
  data: dataConfigSchema,
  sequenceLength: positive.default(2048),
  batchSize: positive.default(8),
  /** `{"text"}` rows exactly as tokenised, no special tokens added, loss on every token. */
  raw: z.boolean().default(false),
  metrics: z.array(z.enum(['loss', 'bleu', 'rouge-l'])).default(['loss']),
  maxNewTokens: positive.default(128),
});

/** A checkpoint of a run: by its role, or by its step, which takes precedence. */
const checkpointFields = { checkpoint: z.enum(['best', 'last']).default('best'), step: positive.optional() };

export const generateRequestSchema = z.object({
  model: path,
  prompt: z.string().max(1_000_000).optional(),
  messages: z
    .array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
    .min(1)
    .optional(),
  maxNewTokens: positive.max(32_768).default(128),
  /** 0 takes the most probable token. */
  temperature: z.number().gte(0).default(0),
  /** Draws only among the most probable tokens that hold this share of the probability together; 1 among all. */
  topP: z.number().gt(0).lte(1).default(1),
  /** Texts that end the answer before them. */
  stop: z.array(z.string().min(1).max(200)).max(8).default([]),
  seed: count.default(0),
  /** No template and no special tokens. */
  raw: z.boolean().default(false),
  ignoreEos: z.boolean().default(false),
  /** For a run: answer with its base model instead of the adapter. */
  base: z.boolean().default(false),
  ...checkpointFields,
});

export const gatesRequestSchema = z.object({
  /** A run of Mo-SARA. */
  run: path,
  text: z.string().min(1).max(100_000),
  /** Take the text as a prompt in the layout of the run's rows, not as it is. */
  asPrompt: z.boolean().default(false),
  ...checkpointFields,
});

/** Rows that gates are averaged over. */
const calibrationFields = {
  /** A data file; the held-out rows of the run where left out. */
  data: path.optional(),
  maxRows: positive.max(100_000).default(64),
};

export const calibrationRequestSchema = z.object({
  /** A run of Mo-SARA. */
  run: path,
  ...calibrationFields,
  ...checkpointFields,
});

export const exportRequestSchema = z.object({
  /** A run; for the formats that hold a whole model also a model as it is. */
  run: path,
  format: z.enum(exportFormatNames).default('hf'),
  out: path,
  /** Type of the weights of a Hugging Face folder or an adapter. */
  dtype: z.enum(floatTypes).optional(),
  /** Type of the weights of a GGUF file. */
  quant: z.enum(ggufQuants).optional(),
  /** Largest size in bytes of one weights file of a Hugging Face folder; a larger tensor gets a file of its own. */
  shardBytes: positive.optional(),
  /**
   * Mo-SARA in a format that cannot hold a router: its gates are replaced by their means over these rows. The export
   * measures the loss of quality again, as `calibrate.run` does, and is refused when the KL is above the one accepted.
   */
  freezeGates: z.object({ ...calibrationFields, acceptKl: z.number().nonnegative() }).optional(),
  ...checkpointFields,
});

export const exportChoicesRequestSchema = z.object({ run: path, ...checkpointFields });

/**
 * Cuts each adapter of a run to the rank at which its own singular values reach a share of their energy, and measures
 * what that costs.
 */
export const compressRequestSchema = z.object({
  run: path,
  ...checkpointFields,
  /** Shares of Σσ² of ΔW to be kept, each tried by itself; 1 keeps everything but what rounding left. */
  energies: z.array(z.number().gt(0).lte(1)).min(1).max(16),
  /** Folder of a new run with the compressed adapter; for one energy only. Left out: nothing is written. */
  out: path.optional(),
});

export const verifyRequestSchema = z.object({
  /** Folder or GGUF file of an export. */
  path,
  /** The run, or model, that it was made from. */
  against: path,
  ...checkpointFields,
});

export const inspectFileRequestSchema = z.object({ path });

/** `name` or `namespace/name`, in the characters the hub allows. */
const repositoryName = z
  .string()
  .max(96)
  .regex(/^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/, 'use letters, digits, - _ and . as in name or namespace/name')
  .refine((name) => !/--|\.\.|[-.]$|\.git$/.test(name), 'must not hold -- or .., nor end in -, . or .git');

/** A token of the Hugging Face hub, as its settings page shows it. */
export const hubTokenSchema = z
  .string()
  .max(200)
  .regex(/^hf_[A-Za-z0-9_-]+$/, 'a token of the hub begins with hf_');

/** An export to be put on the hub; the token is added where it is kept. */
export const publishSchema = z.object({
  /** Folder of an export, or one GGUF file. */
  path,
  repo: repositoryName,
  private: z.boolean().default(true),
});
export const publishRequestSchema = publishSchema.extend({ token: hubTokenSchema });

export const fetchSampleRequestSchema = z.object({ id: z.enum(['smollm2-135m-instruct']) });

/** The settings of methods, for those who take them with the rest. */
export type { LoraConfig, MethodConfig, SaraConfig } from './methods.schema.ts';

export type Targets = z.infer<typeof targetsSchema>;
export type DataConfig = z.infer<typeof dataConfigSchema>;
export type TrainConfig = z.infer<typeof trainConfigSchema>;
/** A configuration as a person writes it: everything with a default may be left out. */
export type TrainConfigInput = z.input<typeof trainConfigSchema>;
export type EvaluateTaskRequest = z.infer<typeof evaluateTaskRequestSchema>;
export type EvaluateRequest = z.infer<typeof evaluateRequestSchema>;
export type ExportRequest = z.infer<typeof exportRequestSchema>;
