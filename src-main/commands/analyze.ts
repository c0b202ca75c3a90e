import type { PartSpectrum } from '../contract/analysis.ts';
import { rankRuleSchema, type RankRuleConfig } from '../contract/methods.schema.ts';
import { analysisRequestSchema } from '../contract/requests.schema.ts';
import { cumulativeSums, equalBudgetLoraRank, ranksFor, saraParameters } from '../contract/rank.ts';
import { formatCount, formatDuration, formatShare } from '../contract/format.ts';
import type { Command, OptionSpec, OptionValues } from './command.ts';
import { number, targets, text, validated, withoutUndefined } from './optionValues.ts';
import { countedText } from './phaseText.ts';
import { table } from './terminal.ts';

/** The options of the rank rule, shared by every command that applies it. */
export const rankOptions: Readonly<Record<string, OptionSpec>> = {
  targets: {
    type: 'string',
    value: 'NAMES',
    description: 'Modules to adapt, e.g. q_proj,v_proj, or all (default all).',
  },
  threshold: {
    type: 'string',
    value: 'M',
    description: 'Proportion of the sum of singular values, 0 < M <= 1 (default 0.05; Mo-SARA: 0.5).',
  },
  measure: {
    type: 'string',
    value: 'sum|energy',
    description: 'Plain sum (the paper’s rule) or sum of squares (default sum).',
  },
  granularity: {
    type: 'string',
    value: 'matrix|layer',
    description: 'One rank per matrix or per layer (default matrix).',
  },
  floor: { type: 'string', value: 'K', description: 'Smallest rank allowed.' },
  cap: { type: 'string', value: 'K', description: 'Largest rank allowed.' },
};

/** Rank-rule settings from options, without those not given. */
export function rankRuleFrom(options: OptionValues): Record<string, unknown> {
  return withoutUndefined({
    threshold: number(options, 'threshold'),
    measure: text(options, 'measure'),
    granularity: text(options, 'granularity'),
    floor: number(options, 'floor'),
    cap: number(options, 'cap'),
  });
}

const ruleNames = {
  threshold: '--threshold',
  measure: '--measure',
  granularity: '--granularity',
  floor: '--floor',
  cap: '--cap',
};

/** Singular values of every target matrix and the ranks that a threshold gives. */
export const analyze: Command = {
  name: 'analyze',
  usage: 'MODEL',
  positionals: 1,
  summary: 'Show the singular values of a model’s weights and the rank of each matrix.',
  options: rankOptions,
  async run({ positionals, options, output, run }) {
    const rule = validated(rankRuleSchema, rankRuleFrom(options), ruleNames);
    const request = validated(
      analysisRequestSchema,
      withoutUndefined({ model: positionals[0], targets: targets(options) }),
      {
        targets: '--targets',
      },
    );
    const analysis = await run('analysis.run', request, (event) =>
      output.progress('phase' in event ? countedText(event) : event.matrix.name, event.done / event.total),
    );
    const ranks = ranksFor(
      analysis.matrices.map((matrix) => ({ ...matrix, cumulative: cumulativeSums(matrix.singularValues) })),
      rule,
    );
    const matrices = analysis.matrices.map((matrix, index) => {
      const rank = ranks[index] ?? 1;
      return {
        name: matrix.name,
        layer: matrix.layer,
        module: matrix.module,
        shape: matrix.shape,
        rank,
        trainable: saraParameters(matrix.shape, rank),
        sigma1: matrix.singularValues[0] ?? 0,
        sigmaSum: sumOf(matrix.singularValues),
        ...(matrix.parts === undefined ? {} : { parts: matrix.parts.map((part) => partOf(part, matrix.layer, rule)) }),
      };
    });
    const trainable = matrices.reduce((total, matrix) => total + matrix.trainable, 0);
    for (const matrix of analysis.matrices) if (matrix.warning !== undefined) output.note(matrix.warning);
    if (output.json) {
      output.value({
        model: request.model,
        threshold: rule.threshold,
        measure: rule.measure,
        granularity: rule.granularity,
        matrices,
        totals: { trainable, parameters: analysis.parameters },
      });
      return;
    }
    output.line(
      table(
        ['layer', 'module', 'shape', 'rank', 'trainable', 'sigma1', 'sum'],
        matrices.flatMap((m) => [
          row(m, m.module, String(m.trainable)),
          // A fused matrix is adapted as stored; what its parts would need is shown below it.
          ...(m.parts ?? []).map((part) => row({ ...part, layer: m.layer }, `  ${m.module}: ${part.name}`, '')),
        ]),
      ),
    );
    const budget = equalBudgetLoraRank(
      matrices.map((m) => m.shape),
      trainable,
    );
    output.line('');
    output.line(
      `${matrices.length} matrices, ${formatCount(trainable)} trainable parameters, ` +
        `${formatShare(trainable / analysis.parameters)} of ${formatCount(analysis.parameters)}; LoRA of that budget: rank ${budget}.`,
    );
    output.line(
      analysis.cached ? 'Spectra from the cache.' : `Spectra computed in ${formatDuration(analysis.seconds)}.`,
    );
  },
};

interface Listed {
  readonly layer: number;
  readonly shape: readonly [number, number];
  readonly rank: number;
  readonly sigma1: number;
  readonly sigmaSum: number;
}

function row({ layer, shape, rank, sigma1, sigmaSum }: Listed, name: string, trainable: string): string[] {
  return [String(layer), name, shape.join(' x '), String(rank), trainable, sigma1.toFixed(3), sigmaSum.toFixed(2)];
}

/** A part of a fused matrix with the rank that the rule would give it by itself. */
function partOf({ name, shape, singularValues }: PartSpectrum, layer: number, rule: RankRuleConfig) {
  const [rank = 1] = ranksFor([{ layer, shape, cumulative: cumulativeSums(singularValues) }], rule);
  return { name, shape, rank, sigma1: singularValues[0] ?? 0, sigmaSum: sumOf(singularValues) };
}

function sumOf(values: Float32Array): number {
  return values.reduce((total, s) => total + s, 0);
}
