import type { Activation } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { Saved } from '../tensor/saved.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { at } from '../util/at.ts';
import { activate, activateWithSlope } from './activation.ts';
import type { LinearGroup } from './linearGroup.ts';
import type { Norm } from './norm.ts';
import type { Pass } from './pass.ts';

type MlpSaved = {
  readonly inner: Saved;
  /** z of the activation, [N, intermediateSize]. */
  readonly gate: TensorId;
  /** What the activation is multiplied with; absent in a plain MLP. */
  readonly up: TensorId | undefined;
  readonly down: Saved;
};

/**
 * down(a(gate x) ⊙ up x), or down(a(up x)) for a plain one. The product is not kept for the backward pass but worked out
 * again: it is the largest tensor of a layer and cheap to make.
 */
export class Mlp {
  readonly #k: Kernels;
  readonly #activation: Activation;
  /** gate and up; or one map whose columns are gate, up; or up alone. */
  readonly #inner: LinearGroup;
  readonly #down: LinearGroup;
  readonly #gated: boolean;

  constructor(kernels: Kernels, activation: Activation, gated: boolean, inner: LinearGroup, down: LinearGroup) {
    this.#k = kernels;
    this.#activation = activation;
    this.#gated = gated;
    this.#inner = inner;
    this.#down = down;
  }

  get groups(): readonly LinearGroup[] {
    return [this.#inner, this.#down];
  }

  get norms(): readonly Norm[] {
    return [];
  }

  /** @param x [N, hiddenSize] */
  forward(x: TensorId, pass: Pass): { readonly y: TensorId; readonly saved: MlpSaved } {
    const k = this.#k;
    const projected = this.#inner.forward(x, pass);
    const { gate, up } = this.#apart(projected.outputs);
    const active = activate(k, this.#activation, gate);
    const product = up === undefined ? active : k.mul(k.take(active), up);
    const out = this.#down.forward(product, pass);
    k.free(product);
    return { y: at(out.outputs, 0), saved: { inner: projected.saved, gate, up, down: out.saved } };
  }

  /** The gradient of x, or undefined when neither it nor those of gate and up are needed. */
  backward(
    gradient: TensorId,
    x: TensorId,
    saved: MlpSaved,
    pass: Pass,
    inputGradientNeeded: boolean,
  ): TensorId | undefined {
    const k = this.#k;
    const { gate, up } = saved;
    const insideNeeded = inputGradientNeeded || this.#inner.trainable;
    const { value, slope } = activateWithSlope(k, this.#activation, gate);
    const product = up === undefined ? k.alias(value) : k.mul(value, up);
    const dProduct = this.#down.backward(product, [gradient], saved.down, pass, insideNeeded);
    k.free(product);
    if (dProduct === undefined) {
      k.free(value, slope);
      return undefined;
    }
    const dUp = up === undefined ? undefined : k.mul(dProduct, value);
    const dActive = up === undefined ? k.alias(dProduct) : k.mul(dProduct, up);
    const dGate = k.mul(k.take(dActive), k.take(slope));
    k.free(value, dProduct);
    const outputs = this.#together(dGate, dUp);
    const dx = this.#inner.backward(x, outputs, saved.inner, pass, inputGradientNeeded);
    k.free(...outputs);
    return dx;
  }

  dispose(): void {
    this.#inner.dispose();
    this.#down.dispose();
  }

  /** New tensors; the outputs are consumed. */
  #apart(outputs: readonly TensorId[]): { readonly gate: TensorId; readonly up: TensorId | undefined } {
    const first = at(outputs, 0);
    if (!this.#gated) return { gate: first, up: undefined };
    if (outputs.length === 2) return { gate: first, up: at(outputs, 1) };
    const half = this.#inner.bases.reduce((sum, { out }) => sum + out, 0) / 2;
    const [gate, up] = this.#k.split(this.#k.take(first), [half, half], 1) as [TensorId, TensorId];
    return { gate, up };
  }

  /** The inverse of {@link #apart}. */
  #together(gate: TensorId, up: TensorId | undefined): readonly TensorId[] {
    if (up === undefined) return [gate];
    if (this.#inner.bases.length === 2) return [gate, up];
    const joined = this.#k.concat([gate, up], 1);
    this.#k.free(gate, up);
    return [joined];
  }
}
