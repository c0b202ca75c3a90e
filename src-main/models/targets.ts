/** The weight matrices that an adapter can be put on. */
import type { TargetMatrix } from '../contract/model.ts';
import { linearsOf } from './families/family.ts';
import type { ArchSpec, TensorInfo } from './types.ts';

/** Every linear map of every layer, in the order of computation. */
export function targetsOf(arch: ArchSpec): TargetMatrix[] {
  return arch.layers.flatMap((layer, index) =>
    linearsOf(layer).map(({ name, out, in: into }) => ({
      name,
      layer: index,
      module: lastPart(name),
      shape: [out, into] as const,
    })),
  );
}

const notProjection = /embed|wte|wpe|token|position|norm|(^|\.)ln_|router|lm_head|rotary/i;

/**
 * For a family without forward pass: all matrices of numbered layers that are not embeddings, norms or routers, in the
 * order of layers and then of the file.
 */
export function guessTargets(tensors: Iterable<TensorInfo>): TargetMatrix[] {
  const targets: TargetMatrix[] = [];
  for (const { name, shape } of tensors) {
    const layer = /\.(\d{1,6})\./.exec(name)?.[1];
    const [out, into] = shape;
    if (layer === undefined || !name.endsWith('.weight') || notProjection.test(name)) continue;
    if (shape.length !== 2 || out === undefined || into === undefined || out < 2 || into < 2) continue;
    const path = name.slice(0, -'.weight'.length);
    targets.push({ name: path, layer: Number(layer), module: lastPart(path), shape: [out, into] });
  }
  return targets.sort((a, b) => a.layer - b.layer);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
