/** Realistic contents for looking at the window without an engine. Never part of the product. */
import type { DataPreview, DatasetSummary, LengthStatistics, PreviewRow } from '../../src-main/contract/data.ts';
import type { ModelSummary, TargetMatrix } from '../../src-main/contract/model.ts';
import type { SpeedMeasurement } from '../../src-main/contract/speed.ts';
import type { EngineReport } from '../../src-main/contract/results.ts';
import type { AdapterRank, RunRecord, TrainEvent } from '../../src-main/contract/training.ts';

const modules = [
  ['self_attn.q_proj', 576, 576],
  ['self_attn.k_proj', 192, 576],
  ['self_attn.v_proj', 192, 576],
  ['self_attn.o_proj', 576, 576],
  ['mlp.gate_proj', 1536, 576],
  ['mlp.up_proj', 1536, 576],
  ['mlp.down_proj', 576, 1536],
] as const;

function targets(layers: number, scale = 1): TargetMatrix[] {
  return Array.from({ length: layers }, (_, layer) =>
    modules.map(([path, rows, columns]) => ({
      name: `model.layers.${layer}.${path}`,
      layer,
      module: path.split('.')[1] ?? path,
      shape: [Math.round(rows * scale), Math.round(columns * scale)] as const,
    })),
  ).flat();
}

/** A repeatable number in 0 … 1 for an index. */
export function noise(index: number): number {
  const x = Math.sin(index * 127.1 + 311.7) * 43758.5453;
  return x - Math.floor(x);
}

/** A spectrum like those of trained weights: a few large values, then a slow fall. */
export function spectrum(matrix: TargetMatrix): Float32Array {
  const p = Math.min(...matrix.shape);
  const attention = matrix.name.includes('self_attn');
  const head = (attention ? 9 : 4) * (1 + 0.5 * Math.cos(matrix.layer / 5)) * (1 + noise(matrix.layer * 7 + p) * 0.6);
  const fall = attention ? 0.22 : 0.08;
  return Float32Array.from(
    { length: p },
    (_, i) => head * Math.exp(-fall * Math.min(i, 24)) + 1.6 * (1 - i / p) ** 0.7 + 0.02,
  );
}

export const smollm: ModelSummary = {
  path: '/home/mara/.local/share/sara-studio/models/SmolLM2-135M-Instruct.gguf',
  name: 'SmolLM2-135M-Instruct',
  format: 'gguf',
  family: 'llama',
  trainable: true,
  parameters: 134_515_008,
  bytes: 93_512_704,
  bytesInMemory: 538_060_032,
  dtypes: ['Q4_1', 'F32', 'Q8_0'],
  layers: 30,
  hiddenSize: 576,
  heads: 9,
  kvHeads: 3,
  vocabularySize: 49_152,
  contextLength: 8192,
  tiedEmbeddings: true,
  hasChatTemplate: true,
  licence: 'Apache-2.0',
  targets: targets(30),
  warnings: ['The weights are quantised (Q4_1). Training starts from the rounded values.'],
};

export const stories: ModelSummary = {
  ...smollm,
  path: '/opt/sara-studio/resources/samples/stories260K',
  name: 'stories260K',
  format: 'hf',
  parameters: 260_032,
  bytes: 1_044_000,
  bytesInMemory: 1_040_128,
  dtypes: ['F32'],
  layers: 5,
  hiddenSize: 64,
  heads: 8,
  kvHeads: 4,
  vocabularySize: 512,
  contextLength: 512,
  hasChatTemplate: false,
  licence: 'MIT',
  targets: targets(5, 1 / 9),
  warnings: [],
};

const places = ['The Vaults', 'Blue Spice', 'The Mill', 'Wildwood', 'Cotto', 'Loch Fyne', 'Zizzi', 'The Punter'];
const foods = ['Italian', 'Japanese', 'English', 'French', 'Fast food', 'Chinese', 'Indian'];
const near = ['Café Adriatic', 'Burger King', 'Rainbow Vegetarian Café', 'The Portland Arms', 'Crowne Plaza Hotel'];

function pick(list: readonly string[], index: number): string {
  return list[Math.floor(noise(index) * list.length)] ?? '';
}

function pair(index: number): { prompt: string; completion: string } {
  const name = pick(places, index);
  const food = pick(foods, index + 50);
  const by = pick(near, index + 90);
  const extra =
    noise(index + 7) > 0.7
      ? ' It has a low customer rating, but the prices are moderate and children are welcome.'
      : '';
  return {
    prompt: `name[${name}], eatType[pub], food[${food}], area[riverside], near[${by}]`,
    completion: `${name} is a pub by the river that serves ${food} food. You can find it near ${by}.${extra}`,
  };
}

export const dataset: DatasetSummary = {
  path: '/opt/sara-studio/resources/samples/e2e-train.jsonl',
  format: 'jsonl',
  columns: ['prompt', 'completion'],
  layout: 'prompt',
  rows: 384,
  problems: [],
  problemCount: 0,
  notices: [],
};

export const troubledDataset: DatasetSummary = {
  path: '/home/mara/data/support-answers.csv',
  format: 'csv',
  columns: ['id', 'question', 'answer', 'agent', 'closed_at'],
  rows: 1207,
  problems: [
    { row: 14, reason: 'The cell “answer” is empty.' },
    { row: 15, reason: 'The cell “answer” is empty.' },
    { row: 208, reason: 'The record has 6 cells, the header has 5.' },
    { row: 977, reason: 'A quoted cell is not closed before the file ends.' },
  ],
  problemCount: 4,
  notices: ['The columns fit no known layout.'],
};

function words(text: string): string[] {
  return text.match(/\s*[\p{L}\p{N}]+|\s*[^\p{L}\p{N}\s]|\s+/gu) ?? [];
}

function previewRow(index: number, sequenceLength: number, chat: boolean): PreviewRow {
  const row = pair(index);
  const parts: [string, boolean][] = chat
    ? [
        ['<|im_start|>', false],
        [`user\n${row.prompt}`, false],
        ['<|im_end|>', false],
        ['\n', false],
        ['<|im_start|>', false],
        ['assistant\n', false],
        [row.completion, true],
        ['<|im_end|>', true],
        ['\n', false],
      ]
    : [
        [`${row.prompt}\n`, false],
        [row.completion, true],
        ['</s>', true],
      ];
  const tokens = parts.flatMap(([text, loss]) =>
    (text.startsWith('<') ? [text] : words(text)).map((piece, i) => ({
      id: 100 + ((i * 37) % 49000),
      text: piece,
      loss,
    })),
  );
  return {
    row: index + 1,
    raw: JSON.stringify(row),
    rendered: parts.map(([text]) => text).join(''),
    tokens: tokens.slice(0, sequenceLength),
    truncated: Math.max(0, tokens.length - sequenceLength),
  };
}

export function preview(
  total: number,
  from: number,
  count: number,
  sequenceLength: number,
  chat: boolean,
): DataPreview {
  const length = Math.max(0, Math.min(count, total - from));
  return { totalRows: total, rows: Array.from({ length }, (_, i) => previewRow(from + i, sequenceLength, chat)) };
}

export function lengths(total: number, sequenceLength: number): LengthStatistics {
  const edges = Array.from({ length: 16 }, (_, i) => (i + 1) * 8);
  const weights = edges.map((edge) => Math.exp(-(((edge - 62) / 22) ** 2)));
  const sum = weights.reduce((whole, part) => whole + part, 0);
  const counts = weights.map((weight) => Math.round((total * weight) / sum));
  const rows = counts.reduce((sum, n) => sum + n, 0);
  const truncatedRows = counts.reduce((sum, n, i) => sum + ((edges[i] ?? 0) > sequenceLength ? n : 0), 0);
  return {
    edges,
    counts,
    rows,
    trainRows: rows - Math.round(rows / 10),
    validationRows: Math.round(rows / 10),
    tokens: rows * 64,
    lossTokens: rows * 30,
    trainLossTokens: (rows - Math.round(rows / 10)) * 30,
    longest: 121,
    median: 62,
    truncatedRows,
    rowsWithoutLoss: sequenceLength < 40 ? Math.round(rows / 3) : 0,
    answers: rows,
    answersWithoutEnd: truncatedRows,
  };
}

export const report: EngineReport = {
  package: '@tensorflow/tfjs-node-gpu',
  packageVersion: '4.22.0',
  tensorflowVersion: '2.18.1',
  flavour: 'cpu',
  device: 'cpu',
  noGpuReason: 'The installed TensorFlow library is the CPU build; no NVIDIA driver was found on this machine.',
  oneDnn: true,
  threads: 8,
  cpu: 'AMD Ryzen 7 7840U w/ Radeon 780M Graphics',
  cores: 8,
  totalMemory: 33_554_432_000,
  availableMemory: 21_474_836_480,
  node: '18.15.0',
  electron: '25.1.1',
  startMilliseconds: 812,
};

function adapterRanks(model: ModelSummary): AdapterRank[] {
  return model.targets.map((target) => {
    const rank = Math.max(
      1,
      Math.round((target.name.includes('self_attn') ? 7 : 13) * (0.5 + noise(target.layer + target.shape[0]))),
    );
    return { ...target, rank, trainable: rank * (target.shape[0] + target.shape[1] + 1) };
  });
}

export function runRecord(id: string, name: string, state: RunRecord['state'], step: number, best: number): RunRecord {
  const ranks = adapterRanks(smollm);
  return {
    version: 1,
    id,
    name,
    createdAt: '2026-11-22T18:04:00.000Z',
    updatedAt: '2026-11-22T18:11:30.000Z',
    appVersion: '0.1.0',
    state,
    config: {
      model: smollm.path,
      data: { path: dataset.path, validationShare: 0.1, template: 'chat', completionOnly: true, skipBadRows: false },
      method: {
        name: 'sara',
        threshold: 0.035,
        measure: 'sum',
        granularity: 'matrix',
        init: 'zero-b',
        scaling: 1,
        lambdaLearningRateMultiplier: 1,
        dropout: 0,
      },
      targets: 'all',
      steps: 24,
      epochs: 1,
      batchSize: 8,
      accumulation: 1,
      sequenceLength: 256,
      packing: false,
      lengthBuckets: true,
      learningRate: 0.001,
      schedule: 'linear',
      warmupSteps: 2,
      weightDecay: 0.01,
      betas: [0.9, 0.999],
      epsilon: 1e-8,
      clipNorm: 1,
      seed: 0,
      activationCheckpointing: false,
      weights: 'auto',
      products: 'float32',
      evaluateEvery: 6,
      patience: 0,
      saveEvery: 0,
      keepCheckpoints: 2,
      samplePrompts: [],
    },
    model: { path: smollm.path, name: smollm.name, family: 'llama', hash: 'f3a1c0' },
    ranks,
    trainable: ranks.reduce((sum, rank) => sum + rank.trainable, 0),
    totalSteps: 24,
    step,
    best: { step, loss: best },
    last: { step },
    baseLoss: 2.584,
  };
}

/** The events of a training of so many steps, as the engine sends them. */
export function trainingEvents(run: string, steps: number): TrainEvent[] {
  const ranks = adapterRanks(smollm);
  const events: TrainEvent[] = [
    { event: 'phase', phase: 'loading' },
    { event: 'phase', phase: 'tokenising' },
    {
      event: 'start',
      run,
      ranks,
      trainable: ranks.reduce((sum, rank) => sum + rank.trainable, 0),
      parameters: smollm.parameters,
      steps,
      trainRows: 346,
      validationRows: 38,
      fromStep: 0,
      skippedRows: [],
    },
    { event: 'phase', phase: 'training' },
    { event: 'eval', step: 0, loss: 2.584, best: false },
  ];
  for (let step = 1; step <= steps; step++) {
    events.push({
      event: 'step',
      step,
      loss: 1.35 + 1.3 * Math.exp(-step / 7) + (noise(step) - 0.5) * 0.16,
      lr: 0.001 * Math.min(1, step / 2) * (1 - step / (steps + 1)),
      gradNorm: 0.8 + 2.6 * Math.exp(-step / 5) + noise(step + 40) * 0.3,
      tokensPerSecond: 148 + noise(step + 9) * 12,
      rssBytes: 1_450_000_000 + step * 400_000,
      tokens: step * 512,
      elapsedSeconds: step * 7.4,
      etaSeconds: (steps - step) * 7.4,
    });
    if (step % 6 === 0) {
      events.push({ event: 'eval', step, loss: 1.38 + 1.2 * Math.exp(-step / 7), best: true });
      events.push({
        event: 'learnt',
        step,
        matrices: ranks.map((rank, i) => ({
          name: rank.name,
          relativeNorm: (0.002 + 0.018 * noise(i)) * (step / steps),
          effectiveRank: rank.rank * (0.5 + 0.4 * noise(i + 3)),
        })),
      });
      events.push({ event: 'sample', step, prompt: pair(3).prompt, text: pair(3).completion });
      events.push({ event: 'checkpoint', step, path: `${run}/checkpoints/${step}` });
    }
  }
  events.push({
    event: 'done',
    run,
    trainable: 2_440_000,
    bestStep: steps,
    bestLoss: 1.413,
    steps,
    stoppedEarly: false,
  });
  return events;
}

export function withMethod(record: RunRecord, method: RunRecord['config']['method'] | undefined): RunRecord {
  return method === undefined ? record : { ...record, config: { ...record.config, method } };
}

/** What a method tells besides: gates of Mo-SARA, ranks over time of the others that are not SARA. */
export function methodEvents(method: RunRecord['config']['method'] | undefined): TrainEvent[] {
  const ranks = adapterRanks(smollm);
  const steps = [6, 12, 18, 24];
  if (method === undefined || method.name === 'sara') return [];
  if (method.name === 'mosara') {
    return steps.map((step) => ({
      event: 'gates',
      step,
      matrices: ranks.map(({ name }, i) => {
        const raw = Array.from({ length: method.sets }, (_, set) => 0.4 + (step / 12) * noise(i * 7 + set));
        const sum = raw.reduce((total, value) => total + value, 0);
        return { name, mean: raw.map((value) => value / sum), deviation: raw.map((_, set) => 0.1 * noise(i + set)) };
      }),
    }));
  }
  return steps.map((step) => ({
    event: 'ranks',
    step,
    budget: 210 * 8,
    ranks: ranks.map(({ rank }, i) => Math.max(0, Math.round(rank * (1 - (step / 40) * noise(i + 2))))),
  }));
}

/** What the short probe measured. */
export const speedMeasurement: SpeedMeasurement = {
  processor: report.cpu,
  cores: report.cores,
  engine: `${report.package} ${report.packageVersion}, TensorFlow ${report.tensorflowVersion} ${report.flavour}`,
  tensorflowVersion: report.tensorflowVersion,
  device: report.device,
  measuredAt: '2026-05-04T09:12:00.000Z',
  rates: [
    { threads: 1, flopsPerSecond: 71.3e9 },
    { threads: 4, flopsPerSecond: 248.1e9 },
    { threads: 8, flopsPerSecond: 251.9e9 },
  ],
  threads: 4,
};
