import type { TargetMatrix } from '../../../src-main/contract/model.ts';

export interface DrawnMatrix {
  readonly module: string;
  readonly rows: number;
  readonly columns: number;
  readonly group: 'attention' | 'mlp';
  /** Place and size in the drawing. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LayerDrawing {
  readonly matrices: readonly DrawnMatrix[];
  readonly width: number;
  readonly height: number;
}

const gap = 14;
const groupGap = 34;
const smallestSide = 6;

export function groupOf(matrix: Pick<TargetMatrix, 'name'>): 'attention' | 'mlp' {
  return /attn|attention|\.(q|k|v|o|qkv|c_attn)_?proj/.test(matrix.name) ? 'attention' : 'mlp';
}

/** The matrices of the first layer, side by side and to one scale: height is d_out, width d_in. */
export function drawLayer(targets: readonly TargetMatrix[], height: number): LayerDrawing {
  const first = Math.min(...targets.map((target) => target.layer));
  const layer = targets.filter((target) => target.layer === first);
  const scale = height / Math.max(1, ...layer.flatMap((target) => target.shape));
  const matrices: DrawnMatrix[] = [];
  let x = 0;
  for (const target of layer) {
    const [rows, columns] = target.shape;
    const group = groupOf(target);
    const before = matrices[matrices.length - 1];
    if (before !== undefined) x += before.group === group ? gap : groupGap;
    const drawn = {
      module: target.module,
      rows,
      columns,
      group,
      x,
      width: Math.max(smallestSide, columns * scale),
      height: Math.max(smallestSide, rows * scale),
    };
    matrices.push({ ...drawn, y: height - drawn.height });
    x += drawn.width;
  }
  return { matrices, width: x, height };
}
