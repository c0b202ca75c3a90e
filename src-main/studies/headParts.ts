import type { ModelSummary, TargetMatrix } from '../contract/model.ts';
import type { SpectrumRow } from '../contract/studies.ts';
import { fusedMatrices } from '../analysis/fusedParts.ts';
import type { OpenedModel } from '../models/types.ts';

/** A stretch of a matrix W [d_out, d_in]: some of its rows, or of its columns. */
export interface Stretch {
  readonly target: TargetMatrix;
  readonly axis: 'rows' | 'columns';
  readonly from: number;
  readonly count: number;
}

/** What one spectrum is taken of: a stretch, or several stretches of rows laid below one another. */
export interface SpectrumPart {
  readonly layer: number;
  readonly part: SpectrumRow['part'];
  readonly head?: number;
  readonly stretches: readonly Stretch[];
}

type Projections = Readonly<Partial<Record<'q' | 'k' | 'v' | 'o', Stretch>>>;

/** Names of the projections in families without forward pass. */
const usualNames: readonly (readonly [keyof Projections, RegExp])[] = [
  ['q', /^(q|q_proj|query|q_lin|wq)$/],
  ['k', /^(k|k_proj|key|k_lin|wk)$/],
  ['v', /^(v|v_proj|value|v_lin|wv)$/],
  ['o', /^(o|o_proj|out_proj|out_lin|wo)$/],
];

/** Each head's rows of W_q, W_k and W_v and columns of W_o, layer by layer. */
export function headParts(model: OpenedModel): SpectrumPart[] {
  const { heads, kvHeads } = model.summary;
  return projectionsOf(model).flatMap(({ layer, projections }) => [
    ...slices(layer, 'q', projections.q, heads),
    ...slices(layer, 'k', projections.k, kvHeads),
    ...slices(layer, 'v', projections.v, kvHeads),
    ...slices(
      layer,
      'o',
      projections.o && { ...projections.o, axis: 'columns', count: projections.o.target.shape[1] },
      heads,
    ),
  ]);
}

/** Whole W_q, W_k, W_v and W_o. */
export function mergedParts(model: OpenedModel): SpectrumPart[] {
  return projectionsOf(model).flatMap(({ layer, projections }) =>
    (['q', 'k', 'v', 'o'] as const).flatMap((part) => {
      const whole = projections[part];
      return whole === undefined ? [] : [{ layer, part, stretches: [whole] }];
    }),
  );
}

/** [W_q; W_v] of each layer. */
export function queryValueParts(model: OpenedModel): SpectrumPart[] {
  return projectionsOf(model).flatMap(({ layer, projections: { q, v } }) =>
    q === undefined || v === undefined ? [] : [{ layer, part: 'qv' as const, stretches: [q, v] }],
  );
}

function slices(layer: number, part: SpectrumPart['part'], whole: Stretch | undefined, heads: number): SpectrumPart[] {
  if (whole === undefined || heads < 1 || whole.count % heads !== 0) return [];
  const count = whole.count / heads;
  return Array.from({ length: heads }, (_, head) => ({
    layer,
    part,
    head,
    stretches: [{ ...whole, from: whole.from + head * count, count }],
  }));
}

function projectionsOf({ arch, summary }: OpenedModel): { layer: number; projections: Projections }[] {
  const byName = new Map(summary.targets.map((target) => [target.name, target]));
  if (arch === undefined) return guessed(summary);
  const fused = fusedMatrices(arch);
  return arch.layers.map(({ attention: { projections, output } }, layer) => {
    const o = wholeOf(byName.get(output.name));
    if (projections.kind === 'separate') {
      const [q, k, v] = [projections.q, projections.k, projections.v].map(({ name }) => wholeOf(byName.get(name)));
      return { layer, projections: withoutMissing({ q, k, v, o }) };
    }
    const target = byName.get(projections.qkv.name);
    const parts = (fused.get(projections.qkv.name)?.parts ?? []).map(
      ({ name, from, count }): [string, Stretch | undefined] => [name, target && { target, axis: 'rows', from, count }],
    );
    return { layer, projections: withoutMissing({ ...Object.fromEntries(parts), o }) };
  });
}

/** Of a family without forward pass: what bears a usual name. Fused matrices differ in their order and are left out. */
function guessed({ targets }: ModelSummary): { layer: number; projections: Projections }[] {
  return [...new Set(targets.map(({ layer }) => layer))].map((layer) => {
    const own = targets.filter((target) => target.layer === layer);
    const found = usualNames.map(([part, pattern]): [string, Stretch | undefined] => [
      part,
      wholeOf(own.find(({ module }) => pattern.test(module))),
    ]);
    return { layer, projections: withoutMissing(Object.fromEntries(found)) };
  });
}

function wholeOf(target: TargetMatrix | undefined): Stretch | undefined {
  return target && { target, axis: 'rows', from: 0, count: target.shape[0] };
}

function withoutMissing(projections: { [K in keyof Projections]?: Stretch | undefined }): Projections {
  return Object.fromEntries(Object.entries(projections).filter(([, stretch]) => stretch !== undefined));
}
