import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loraSchema, saraSchema, type MethodConfig } from '../../../src-main/contract/methods.schema.ts';
import { countLabels } from '../../../src-main/data/batches.ts';
import { Decoder } from '../../../src-main/decoder/decoder.ts';
import type { AdapterSet, AdapterTensor, PlannedMatrix } from '../../../src-main/methods/types.ts';
import { openModel } from '../../../src-main/models/open.ts';
import type { OpenedModel } from '../../../src-main/models/types.ts';
import { AdamW } from '../../../src-main/optimizer/adamw.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';
import { restoreAdapters } from '../../../src-main/training/restoreAdapters.ts';
import { learningRate } from '../../../src-main/training/schedule.ts';
import { trainStep, type TrainStepResult } from '../../../src-main/training/trainStep.ts';
import { fixturePath, readBatches, readJson, readTensors } from './fixtureFiles.ts';

interface Oracle {
  readonly losses: readonly number[];
  readonly grad_norms: readonly number[];
}

const { signal } = new AbortController();
let kernels: Kernels;
let model: OpenedModel;
let decoder: Decoder;
let liveBefore: number;

beforeAll(async () => {
  ({ kernels } = await openBackend());
  liveBefore = kernels.live;
  model = await openModel(fixturePath('llama/model'), signal);
  if (!model.arch) throw new Error('The llama fixture has no architecture.');
  decoder = await Decoder.load(kernels, model.arch, model.source, {}, signal);
});
afterAll(async () => {
  decoder.dispose();
  await model.close();
  expect(kernels.live).toBe(liveBefore);
});

async function adaptersFrom(method: MethodConfig, start: ReadonlyMap<string, AdapterTensor>): Promise<AdapterSet> {
  const matrices: PlannedMatrix[] = model.summary.targets.map((target) => ({
    ...target,
    rank: start.get(`${target.name}.A`)?.shape[0] ?? 0,
  }));
  return restoreAdapters(kernels, matrices, method, start, signal);
}

async function runSteps(
  adapters: AdapterSet,
  optimizer: AdamW,
  steps: number,
  step: (i: number) => Promise<TrainStepResult>,
): Promise<TrainStepResult[]> {
  decoder.setAdapters(adapters);
  try {
    const results: TrainStepResult[] = [];
    let live = 0;
    for (let i = 0; i < steps; i++) {
      results.push(await step(i));
      // The first step makes the moments; after that nothing may be left behind.
      if (i === 0) live = kernels.live;
    }
    expect(kernels.live).toBe(live);
    return results;
  } finally {
    decoder.setAdapters(undefined);
    optimizer.dispose();
  }
}

function expectClose(
  actual: readonly number[],
  expected: readonly number[],
  tolerance: number,
  relative = false,
): void {
  expect(actual).toHaveLength(expected.length);
  const worst = Math.max(
    ...actual.map((value, i) => Math.abs(value - (expected[i] ?? NaN)) / (relative ? (expected[i] ?? NaN) : 1)),
  );
  expect(worst).toBeLessThan(tolerance);
}

describe('trainStep', () => {
  it('gives the losses and gradient norms of the SARA oracle over its 50 steps', async () => {
    const oracle = readJson('llama/oracle.json') as Oracle;
    const [batch] = await readBatches('llama/oracle.safetensors');
    if (!batch) throw new Error('The oracle has no batch.');
    const start = await readTensors('llama/oracle.safetensors', (name) =>
      name.endsWith('.lam0')
        ? name.replace(/\.lam0$/, '.lambda')
        : name.endsWith('.A0')
          ? name.slice(0, -1)
          : undefined,
    );
    for (const { name, shape } of model.summary.targets) {
      const k = start.get(`${name}.A`)?.shape[0] ?? 0;
      start.set(`${name}.B`, { shape: [shape[0], k], data: new Float32Array(shape[0] * k) });
    }
    const adapters = await adaptersFrom(saraSchema.parse({ name: 'sara', threshold: 0.25 }), start);
    const optimizer = new AdamW(kernels, adapters.parameters, {
      betas: [0.9, 0.999],
      epsilon: 1e-8,
      weightDecay: 0.01,
    });
    const results = await runSteps(adapters, optimizer, 50, (step) =>
      trainStep(
        decoder,
        adapters,
        optimizer,
        [batch],
        { learningRate: 5e-3, clipNorm: 0, activationCheckpointing: false, place: { step, totalSteps: 50 } },
        signal,
      ),
    );
    adapters.dispose();
    expectClose(
      results.map((result) => result.loss),
      oracle.losses,
      1e-4,
    );
    expectClose(
      results.map((result) => result.gradientNorm),
      oracle.grad_norms,
      1e-4,
      true,
    );
  });

  it.each([false, true])(
    'gives the losses, norms and parameters of LoRA with accumulation, warm-up and clipping (recomputation: %s)',
    async (activationCheckpointing) => {
      const oracle = readJson('more/llama-loop/lora.json') as Oracle & {
        readonly lrs: readonly number[];
        readonly counted_labels: readonly number[];
      };
      const batches = await readBatches('more/llama-loop/batches.safetensors');
      const part = (suffix: string) =>
        readTensors('more/llama-loop/lora.safetensors', (name) => {
          const match = /^(.*)\.lora_([AB])\.weight\.(\w+)$/.exec(name);
          return match?.[3] === suffix ? `${match[1] ?? ''}.${match[2] ?? ''}` : undefined;
        });
      const adapters = await adaptersFrom(loraSchema.parse({ name: 'lora', rank: 4, alpha: 8 }), await part('start'));
      const optimizer = new AdamW(kernels, adapters.parameters, {
        betas: [0.9, 0.999],
        epsilon: 1e-8,
        weightDecay: 0.01,
      });
      const results = await runSteps(adapters, optimizer, 30, (step) =>
        trainStep(
          decoder,
          adapters,
          optimizer,
          batches.slice(2 * step, 2 * step + 2),
          {
            learningRate: learningRate(step, { schedule: 'linear', peak: 5e-3, warmup: 5, total: 30 }),
            clipNorm: 1,
            activationCheckpointing,
            place: { step, totalSteps: 30 },
          },
          signal,
        ),
      );
      const final = adapters.exportState();
      adapters.dispose();
      const labels = oracle.lrs.map((_, i) => batches.slice(2 * i, 2 * i + 2).reduce((n, b) => n + countLabels(b), 0));
      expect(labels).toEqual(oracle.counted_labels);
      // The mean over all labels of both micro-batches: the mean of their means is up to 0.06 away.
      expectClose(
        results.map((result) => result.loss),
        oracle.losses,
        1e-4,
      );
      expectClose(
        results.map((result) => result.gradientNorm),
        oracle.grad_norms,
        1e-4,
        true,
      );
      for (const [name, { data }] of await part('final')) {
        expectClose([...(final.get(name)?.data ?? [])], [...data], 1e-3);
      }
    },
  );
});
