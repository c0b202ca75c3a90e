import type { AdaloraConfig } from '../../contract/methods.schema.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { at } from '../../util/at.ts';
import { AppError } from '../../util/appError.ts';
import type { LowRankAdapter } from '../lowRank/lowRankAdapter.ts';
import type { AdapterTensor, MethodTraining, Parameter, RankChange } from '../types.ts';
import { budgetPhases, budgetStep, type BudgetStep } from './budget.ts';
import { addOrthogonalGradients } from './orthogonalPenalty.ts';

/** Moving averages of a parameter's importance |θ · ∂L/∂θ| and of how much it wavers. */
interface Importance {
  sensitivity: TensorId;
  uncertainty: TensorId;
}

/**
 * Gives out the budget of ranks (arXiv 2303.10512, section 3): every triplet is scored by the importance of its λ plus
 * the mean importance of its two vectors, importance being sensitivity × uncertainty, and the λ of those with the lowest
 * scores are set to 0. The optimizer may move them again until the ranks are settled, as in PEFT.
 */
export class RankAllocator implements MethodTraining {
  readonly #k: Kernels;
  readonly #adapters: readonly LowRankAdapter[];
  readonly #config: AdaloraConfig;
  readonly #importances = new Map<string, Importance>();
  /** For each matrix which of its triplets were kept last; undefined before the first allocation. */
  #kept: readonly (readonly boolean[])[] | undefined;
  #now: (BudgetStep & { readonly observes: boolean }) | undefined;

  /** @param adapters with λ; borrowed */
  constructor(kernels: Kernels, adapters: readonly LowRankAdapter[], config: AdaloraConfig) {
    this.#k = kernels;
    this.#adapters = adapters;
    this.#config = config;
  }

  beginStep(step: number, totalSteps: number): void {
    const phases = budgetPhases(this.#config, totalSteps);
    const initial = this.#adapters.reduce((sum, { rank }) => sum + rank, 0);
    const target = Math.min(initial, this.#config.targetRank * this.#adapters.length);
    const { deltaT } = this.#config;
    this.#now = {
      ...budgetStep(step, phases, { totalSteps, deltaT, initial, target }),
      observes: step < totalSteps - phases.tfinal,
    };
    addOrthogonalGradients(this.#k, this.#adapters, this.#config.orthogonalWeight);
  }

  observe(parameter: Parameter, gradient: TensorId): void {
    if (this.#now?.observes !== true) return;
    const k = this.#k;
    const { beta1, beta2 } = this.#config;
    const before = this.#importances.get(parameter.name);
    const importance = k.abs(k.take(k.mul(parameter.value, gradient)));
    const sensitivity = this.#smoothed(before?.sensitivity, importance, beta1);
    const change = k.abs(k.take(k.sub(k.take(importance), sensitivity)));
    const uncertainty = this.#smoothed(before?.uncertainty, change, beta2);
    k.free(change);
    this.#importances.set(parameter.name, { sensitivity, uncertainty });
  }

  endStep(): RankChange | undefined {
    const { action, budget } = this.#now ?? { action: 'none', budget: 0 };
    if (action === 'none') return undefined;
    const before = this.#ranks();
    if (action !== 'hold') this.#kept = this.#allocate(budget);
    if (action === 'settle') this.#forgetImportances();
    this.#adapters.forEach((adapter, i) => this.#mask(adapter, this.#kept?.[i] ?? []));
    const ranks = this.#ranks();
    return ranks.every((rank, i) => rank === before[i]) ? undefined : { budget, ranks };
  }

  exportState(): Map<string, AdapterTensor> {
    const state = new Map<string, AdapterTensor>();
    for (const { name, shape } of this.#adapters.flatMap(({ parameters }) => parameters)) {
      const importance = this.#importances.get(name);
      if (importance === undefined) continue;
      state.set(`${name}.sensitivity`, { shape, data: this.#k.download(importance.sensitivity) });
      state.set(`${name}.uncertainty`, { shape, data: this.#k.download(importance.uncertainty) });
    }
    this.#kept?.forEach((kept, i) => {
      const { matrix, rank } = at(this.#adapters, i);
      state.set(`${matrix.name}.kept`, { shape: [rank], data: Float32Array.from(kept, Number) });
    });
    return state;
  }

  importState(state: ReadonlyMap<string, AdapterTensor>): void {
    this.#forgetImportances();
    for (const { name, shape } of this.#adapters.flatMap(({ parameters }) => parameters)) {
      const [sensitivity, uncertainty] = ['sensitivity', 'uncertainty'].map((part) =>
        valuesOf(state, `${name}.${part}`, shape),
      );
      if (sensitivity === undefined || uncertainty === undefined) continue;
      this.#importances.set(name, {
        sensitivity: this.#k.upload(sensitivity.slice(), shape),
        uncertainty: this.#k.upload(uncertainty.slice(), shape),
      });
    }
    const kept = this.#adapters.map(({ matrix, rank }) => valuesOf(state, `${matrix.name}.kept`, [rank]));
    this.#kept = kept.every((values) => values !== undefined)
      ? kept.map((values) => Array.from(values, (value) => value !== 0))
      : undefined;
  }

  dispose(): void {
    this.#forgetImportances();
  }

  /** β · before + (1 − β) · value. @param before consumed; zero at first */
  #smoothed(before: TensorId | undefined, value: TensorId, beta: number): TensorId {
    const k = this.#k;
    const term = k.scale(value, 1 - beta);
    return k.keep(before === undefined ? term : k.add(k.take(k.scale(k.take(before), beta)), k.take(term)));
  }

  /** Which triplets are kept when so many ranks may be: those above the score of the last one to go. */
  #allocate(budget: number): readonly (readonly boolean[])[] {
    const scores = this.#adapters.map((adapter) => this.#scores(adapter));
    const ascending = scores.flatMap((own) => [...own]).sort((a, b) => a - b);
    const last = ascending[ascending.length - budget - 1] ?? -Infinity;
    return scores.map((own) => Array.from(own, (score) => score > last));
  }

  /** One score for each triplet [r]. */
  #scores({ A, B, lambda, rank }: LowRankAdapter): Float32Array {
    const k = this.#k;
    const ofA = this.#importance(A);
    const ofB = this.#importance(B);
    const ofLambda = lambda && this.#importance(lambda);
    if (ofA === undefined || ofB === undefined || ofLambda === undefined) return new Float32Array(rank);
    const vectors = k.add(k.take(k.mean(k.take(ofA), [1])), k.take(k.mean(k.take(ofB), [0])));
    const score = k.add(k.take(ofLambda), k.take(vectors));
    const values = k.download(score);
    k.free(score);
    return values;
  }

  #importance({ name }: Parameter): TensorId | undefined {
    const found = this.#importances.get(name);
    return found && this.#k.mul(found.sensitivity, found.uncertainty);
  }

  /** λ = 0 where not kept. */
  #mask({ lambda }: LowRankAdapter, kept: readonly boolean[]): void {
    if (lambda === undefined) return;
    const k = this.#k;
    const mask = k.upload(Float32Array.from(kept, Number), [kept.length]);
    lambda.value = k.keep(k.mul(k.take(lambda.value), k.take(mask)));
  }

  #ranks(): readonly number[] {
    return this.#adapters.map(({ rank }, i) => this.#kept?.[i]?.filter(Boolean).length ?? rank);
  }

  #forgetImportances(): void {
    for (const { sensitivity, uncertainty } of this.#importances.values()) this.#k.free(sensitivity, uncertainty);
    this.#importances.clear();
  }
}

/** @throws AppError CHECKPOINT_DAMAGED */
function valuesOf(
  state: ReadonlyMap<string, AdapterTensor>,
  name: string,
  shape: readonly number[],
): Float32Array | undefined {
  const tensor = state.get(name);
  if (tensor === undefined || tensor.shape.join() === shape.join()) return tensor?.data;
  throw new AppError(
    'CHECKPOINT_DAMAGED',
    `The tensor ${name} of the checkpoint has shape [${tensor.shape.join(', ')}], but [${shape.join(', ')}] is needed; resume from another checkpoint.`,
  );
}
