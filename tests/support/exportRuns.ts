/** A trained run of any small model, and its exports, through the operations of the engine. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { OperationContext } from '../../src-main/contract/engine.ts';
import type { ExportFormat, GgufQuant } from '../../src-main/contract/exportFormats.ts';
import type { Calibration, TextGates } from '../../src-main/contract/gates.ts';
import type { ChatMessage } from '../../src-main/contract/model.ts';
import type {
  CompressResult,
  ExportChoice,
  ExportResult,
  GenerateResult,
  VerifyResult,
} from '../../src-main/contract/results.ts';
import {
  evaluateRequestSchema,
  generateRequestSchema,
  trainConfigSchema,
  type ExportRequest,
  type TrainConfig,
  type TrainConfigInput,
} from '../../src-main/contract/requests.schema.ts';
import type { TokenBatch } from '../../src-main/decoder/batch.ts';
import { Decoder } from '../../src-main/decoder/decoder.ts';
import { createOperations } from '../../src-main/engine/createOperations.ts';
import { loadAdapters } from '../../src-main/engine/loadedModels.ts';
import { chooseCheckpoint } from '../../src-main/engine/modelOrRun.ts';
import { createServices } from '../../src-main/engine/services.ts';
import type { AdapterSet } from '../../src-main/methods/types.ts';
import { openModel } from '../../src-main/models/open.ts';
import { requireArch } from '../../src-main/models/openedModel.ts';
import type { OpenedModel } from '../../src-main/models/types.ts';

const services = createServices(path.join(import.meta.dirname, '../../resources'));
const operations = createOperations(services);
const noSignal = new AbortController().signal;

function context(signal = noSignal): OperationContext<never> {
  return { signal, emit: () => undefined, takeControls: () => [] };
}

const prompts = ['the cat', 'a red ball', 'we went', 'it was', 'my house', 'old trees', 'one day', 'the river'];

/** Trains a few steps at a high rate, so that the adapter changes the answers visibly. */
export async function trainRun(
  model: string,
  folder: string,
  settings: Partial<TrainConfigInput> = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const data = path.join(folder, 'data.jsonl');
  const rows = prompts.map((prompt, i) => ({ prompt, completion: `is here now ${i}` }));
  await writeFile(data, rows.map((row) => JSON.stringify(row)).join('\n'));
  const config = trainConfigSchema.parse({
    model,
    data: { path: data, template: 'plain', validationShare: 0.25 },
    method: { name: 'sara', threshold: 0.25 },
    steps: 8,
    batchSize: 4,
    sequenceLength: 24,
    learningRate: 5e-3,
    seed: 3,
    ...settings,
  });
  const out = path.join(folder, 'run');
  await operations['train.run']({ config, out }, context());
  return out;
}

/** What a run says in this app’s memory. */
export interface RunAnswers {
  /** [tokens, vocabulary] */
  readonly logits: Float32Array;
  /** Token ids of the texts, without special tokens. */
  readonly ids: readonly (readonly number[])[];
  readonly vocabulary: number;
}

/** @param means what its gates are frozen at */
export async function answersOfRun(
  run: string,
  tokens: readonly number[],
  texts: readonly string[],
  means?: Readonly<Record<string, readonly number[]>>,
): Promise<RunAnswers> {
  return withRun(run, async ({ decoder, adapters, model }) => {
    if (means !== undefined) adapters.gates?.freeze(new Map(Object.entries(means)));
    const tokenizer = await model.tokenizer();
    return {
      logits: await decoder.logits(batchOf(tokens), noSignal),
      ids: texts.map((text) => tokenizer.encode(text, false)),
      vocabulary: model.summary.vocabularySize,
    };
  });
}

/** What a run says follows a text. */
export interface NextToken {
  /** How many tokens the text has, the begin token included. */
  readonly tokens: number;
  readonly logits: Float32Array;
}

export async function nextOfRun(run: string, text: string): Promise<NextToken> {
  return withRun(run, async ({ decoder, model }) => {
    const tokens = (await model.tokenizer()).encode(text, true);
    const logits = (await decoder.logits(batchOf(tokens), noSignal)).slice(-model.summary.vocabularySize);
    return { tokens: tokens.length, logits };
  });
}

function batchOf(tokens: readonly number[]): TokenBatch {
  return { tokens: Int32Array.from(tokens), positions: Int32Array.from(tokens, (_, i) => i), lengths: [tokens.length] };
}

async function withRun<T>(
  run: string,
  use: (loaded: { decoder: Decoder; adapters: AdapterSet; model: OpenedModel }) => Promise<T>,
): Promise<T> {
  const checkpoint = await chooseCheckpoint(run, 'last');
  const { kernels } = await services.backend();
  const model = await openModel(checkpoint.record.model.path, noSignal);
  const adapters = await loadAdapters(kernels, model, checkpoint, noSignal);
  const decoder = await Decoder.load(kernels, requireArch(model), model.source, {}, noSignal);
  try {
    decoder.setAdapters(adapters);
    return await use({ decoder, adapters, model });
  } finally {
    decoder.dispose();
    adapters.dispose();
    await model.close();
  }
}

export interface ExportOptions {
  readonly freezeGates?: ExportRequest['freezeGates'];
  readonly quant?: GgufQuant;
  readonly dtype?: 'f32' | 'f16' | 'bf16';
  readonly shardBytes?: number;
}

export async function exportRun(
  run: string,
  format: ExportFormat,
  out: string,
  {
    signal = noSignal,
    onPhase = () => undefined,
    ...options
  }: ExportOptions & { readonly signal?: AbortSignal; readonly onPhase?: (phase: string) => void } = {},
): Promise<ExportResult> {
  const request = { run, format, out, checkpoint: 'last', ...options } as const;
  return operations['export.run'](request, { ...context(signal), emit: ({ phase }) => onPhase(phase) });
}

export async function verifyExport(path: string, against: string): Promise<VerifyResult> {
  return operations['export.verify']({ path, against, checkpoint: 'last' }, context());
}

export async function exportChoices(run: string): Promise<readonly ExportChoice[]> {
  return operations['export.choices']({ run, checkpoint: 'last' }, context());
}

export async function calibrate(run: string, data?: string): Promise<Calibration> {
  const request = { run, maxRows: 64, checkpoint: 'last', ...(data === undefined ? {} : { data }) } as const;
  return operations['calibrate.run'](request, context());
}

export async function gatesOfText(run: string, text: string): Promise<TextGates> {
  return operations['gates.run']({ run, text, asPrompt: false, checkpoint: 'last' }, context());
}

/** The most probable answer of a model to a conversation. */
export async function chatWith(
  model: string,
  messages: readonly ChatMessage[],
  maxNewTokens: number,
): Promise<GenerateResult> {
  const request = generateRequestSchema.parse({ model, messages, maxNewTokens });
  const answer = await operations['generate.run'](request, context());
  await services.loaded.release();
  return answer;
}

/** Frees the model that was kept for the next answer. */
export async function releaseModels(): Promise<void> {
  await services.loaded.release();
}

export async function compressRun(run: string, energies: readonly number[], out?: string): Promise<CompressResult> {
  return operations['adapter.compress'](
    { run, energies: [...energies], checkpoint: 'last', ...(out === undefined ? {} : { out }) },
    context(),
  );
}

/** Loss of a run over all rows of a file. */
export async function lossOf(run: string, data: TrainConfig['data']): Promise<number> {
  const request = evaluateRequestSchema.parse({ model: run, data });
  const { loss } = await operations['evaluate.run'](request, context());
  await services.loaded.release();
  return loss;
}

/** Tensors alive in the engine. */
export async function liveTensors(): Promise<number> {
  return (await services.backend()).kernels.live;
}
