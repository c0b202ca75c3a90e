/** Prepared results of studies for the fake bridge: plausible in shape, invented in value. */
import type { Study } from '../../src-main/contract/studies.schema.ts';
import type {
  ProbeCell,
  SpectrumRow,
  StudiedModel,
  StudyEvent,
  StudyResult,
  StudySummary,
} from '../../src-main/contract/studies.ts';
import { defaultSara } from '../../src-renderer/state/analysis.svelte.ts';
import { firstDraft, studyOf } from '../../src-renderer/state/studyDraft.ts';
import { noise, runRecord, smollm } from './fakeContents.ts';

const model: StudiedModel = {
  path: smollm.path,
  name: smollm.name,
  family: 'llama',
  hash: 'f00d',
  parameters: smollm.parameters,
};

function cell(learningRate: number, seeds: readonly number[], mean: number): ProbeCell {
  const probes = seeds.map((seed) => ({
    key: `${learningRate}-${seed}-${mean}`,
    method: defaultSara,
    learningRate,
    seed,
    steps: 24,
    trainRows: 346,
    heldOutRows: 38,
    trainable: 2_440_000,
    baseLoss: 2.584,
    loss: mean + (noise(seed + mean * 100) - 0.5) * 0.04,
    trainLoss: mean,
    seconds: 40,
  }));
  return { learningRate, probes, missing: 0, mean, ...(seeds.length > 1 ? { deviation: 0.02 } : {}) };
}

function decaying(count: number, strength: number): number[] {
  return Array.from({ length: count }, (_, i) => 20 * strength * Math.exp(-i / (count / 4)) + 0.2);
}

function spectrumRow(layer: number, part: SpectrumRow['part'], head?: number): SpectrumRow {
  const at = layer * 31 + (head ?? 0) * 7 + part.charCodeAt(0);
  return {
    layer,
    part,
    ...(head === undefined ? {} : { head }),
    matrix: `model.layers.${layer}.self_attn.${part}_proj`,
    shape: [64, 576],
    rank: 2 + Math.round(14 * noise(at)),
    relativeRank: (2 + Math.round(14 * noise(at))) / 64,
    effectiveRank: 20 + 30 * noise(at + 1),
    largest: 20,
    sum: 200,
    singularValues: decaying(64, 0.5 + noise(at)),
  };
}

/** @param shift makes a second result of the same study differ from the first */
function resultOf(study: Study, shift = 0): StudyResult {
  const common = {
    version: 1 as const,
    models: [model],
    createdAt: '2026-11-23T20:14:00.000Z',
    appVersion: '0.1.0',
    points: { total: 8, reused: 2, complete: true },
    seconds: 312,
    file: `/home/mara/SARA Studio/studies/${study.study}-${shift}.json`,
  };
  switch (study.study) {
    case 'overview':
      return {
        ...common,
        study: study.study,
        settings: study,
        matrix: {
          name: 'model.layers.15.mlp.down_proj',
          layer: 15,
          module: 'down_proj',
          shape: [576, 1536],
          singularValues: decaying(576, 1),
          rank: 25,
          trainable: 52_825,
          weights: 884_736,
          image: {
            rows: 36,
            columns: 96,
            values: Array.from({ length: 36 * 96 }, (_, i) => noise(i) - 0.5),
            largest: 0.5,
          },
        },
      };
    case 'threshold':
      return {
        ...common,
        study: study.study,
        settings: study,
        rows: study.thresholds.map((threshold) => ({
          threshold,
          leastRank: Math.max(1, Math.round(40 * threshold)),
          meanRank: 200 * threshold,
          mostRank: Math.round(380 * threshold),
          modules: [{ module: 'q_proj', meanRank: 180 * threshold }],
          trainable: Math.round(70_000_000 * threshold),
          share: threshold * 0.5,
          loraRank: Math.round(230 * threshold),
          cells:
            study.probe === undefined
              ? []
              : study.learningRates.map((rate) => cell(rate, study.seeds, 1.6 - 0.3 * threshold - rate * 20)),
        })),
      };
    case 'relation':
      return {
        ...common,
        study: study.study,
        settings: study,
        rows: Array.from({ length: 30 }, (_, layer) => {
          const rank = 8 + 20 * noise(layer);
          const gain = 0.1 + rank * 0.012 + 0.08 * noise(layer + 50) + shift;
          return { layer, rank, trainable: 90_000, gain, cell: cell(study.learningRate, study.seeds, 2.584 - gain) };
        }),
        correlations: {
          spearman: { value: 0.71, low: 0.44, high: 0.86 },
          pearson: { value: 0.74, low: 0.51, high: 0.87 },
          kendall: { value: 0.53, low: 0.31, high: 0.7 },
          rows: 30,
        },
      };
    case 'heads':
    case 'merged':
    case 'QVmerged':
      return {
        ...common,
        study: study.study,
        settings: study,
        rows: Array.from({ length: 30 }, (_, layer) =>
          study.study === 'QVmerged'
            ? [spectrumRow(layer, 'qv')]
            : study.study === 'merged'
              ? (['q', 'k', 'v', 'o'] as const).map((part) => spectrumRow(layer, part))
              : (['q', 'k', 'v', 'o'] as const).flatMap((part) =>
                  Array.from({ length: part === 'q' || part === 'o' ? 9 : 3 }, (__, head) =>
                    spectrumRow(layer, part, head),
                  ),
                ),
        ).flat(),
      };
    case 'robustness': {
      const groups = ['SARA', 'LoRA'].flatMap((label, at) =>
        study.fractions.map((fraction) => ({
          label,
          method: defaultSara,
          fraction,
          cells: study.learningRates.map((rate, i) =>
            cell(rate, study.seeds, 1.7 - 0.1 * i - 0.2 * fraction + 0.05 * at),
          ),
        })),
      );
      return {
        ...common,
        study: study.study,
        settings: study,
        groups,
        spreads: groups.map(({ label, fraction, cells }) => {
          const best = cells.at(-1);
          return {
            label,
            fraction,
            best: { learningRate: best?.learningRate ?? 0, mean: best?.mean ?? 0, deviation: 0.02 },
            overLearningRates: 0.2,
          };
        }),
      };
    }
    case 'scaling':
      return {
        ...common,
        study: study.study,
        settings: study,
        rows: [0.3, 12, 135, 360].map((millions, i) => ({
          model: {
            ...model,
            name: ['stories260K', 'stories15M', 'SmolLM2-135M', 'SmolLM2-360M'][i] ?? '',
            parameters: millions * 1e6,
          },
          layers: 5 + i * 8,
          hiddenSize: 64 * (i + 1),
          ranks: study.thresholds.map((threshold) => ({
            threshold,
            meanRank: 2 + threshold * 60 * (i + 1),
            mostRank: 4 + threshold * 90 * (i + 1),
            trainable: threshold * millions * 4e5,
            share: (threshold * 0.5) / (i + 1),
          })),
        })),
      };
    case 'ablation':
      return {
        ...common,
        study: study.study,
        settings: study,
        rows: study.methods.map(({ label, method }, at) => ({
          label,
          method,
          cells: study.learningRates.map((rate, i) => cell(rate, study.seeds, 1.6 - 0.08 * i + 0.03 * at)),
          best: study.learningRates.length - 1,
        })),
      };
  }
}

export function studyPlan(study: Study): { title: string; events: StudyEvent[]; result: StudyResult } {
  const result = resultOf(study);
  const half = result.study === 'relation' ? { ...result, rows: result.rows.slice(0, 12) } : result;
  return {
    title: `Study ${study.study}`,
    events: [
      { event: 'phase', phase: 'analysing', fraction: 0.5 },
      { event: 'phase', phase: 'computing', text: 'layer 12, seed 0' },
      { event: 'points', done: 12, total: 30, reused: 3, etaSeconds: 190 },
      { event: 'partial', result: half },
      { event: 'points', done: 30, total: 30, reused: 3 },
    ],
    result,
  };
}

const relation = studyOf('relation', firstDraft, {
  model: smollm.path,
  data: runRecord('r', 'n', 'done', 1, 1).config.data,
  config: undefined,
  sara: defaultSara,
  methods: [],
});

export function keptStudies(): StudySummary[] {
  return [0, 0.05].map((shift) => ({
    path: `/home/mara/SARA Studio/studies/relation-${shift}.json`,
    study: 'relation',
    models: [smollm.name],
    createdAt: shift === 0 ? '2026-11-23T20:14:00.000Z' : '2026-11-22T09:30:00.000Z',
    points: 30,
  }));
}

export function keptStudy(path: string): StudyResult {
  if (relation === undefined) throw new Error('No study is kept here.');
  return resultOf(relation, path.endsWith('relation-0.json') ? 0 : 0.05);
}
