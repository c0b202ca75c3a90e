/** The methods a person chooses between. One schema may hold several of them: LoRA is also rsLoRA and LoRA at a budget. */
import type { MethodConfig, RankRuleConfig, SaraConfig } from '../../src-main/contract/methods.schema.ts';

interface Choice<Id extends string> {
  readonly id: Id;
  /** Whether these settings are this choice. */
  readonly is: (method: MethodConfig) => boolean;
  /** Its settings when it is chosen for the first time. */
  readonly begin: (sara: SaraConfig, rule: RankRuleConfig) => MethodConfig;
}

function choice<Id extends string>(id: Id, is: Choice<Id>['is'], begin: Choice<Id>['begin']): Choice<Id> {
  return { id, is, begin };
}

const rank = 8;
const alpha = 16;
const dropout = 0;

export const methodChoices = [
  choice(
    'sara',
    (method) => method.name === 'sara',
    (sara) => sara,
  ),
  choice(
    'mosara',
    (method) => method.name === 'mosara',
    () => ({
      ...{ name: 'mosara', threshold: 0.5, measure: 'sum', granularity: 'matrix' },
      ...{ sets: 5, router: 'rank1', output: 'vector', scaling: 1, dropout },
    }),
  ),
  choice(
    'lora-budget',
    (method) => method.name === 'lora' && method.budget !== undefined,
    (_sara, budget) => ({ name: 'lora', rank, alpha, budget, dropout }),
  ),
  choice(
    'lora',
    (method) => method.name === 'lora' && method.budget === undefined && method.rankStabilized !== true,
    () => ({ name: 'lora', rank, alpha, dropout }),
  ),
  choice(
    'rslora',
    (method) => method.name === 'lora' && method.budget === undefined && method.rankStabilized === true,
    () => ({ name: 'lora', rank, alpha, rankStabilized: true, dropout }),
  ),
  choice(
    'pissa',
    (method) => method.name === 'pissa',
    () => ({ name: 'pissa', rank, dropout }),
  ),
  choice(
    'dora',
    (method) => method.name === 'dora',
    () => ({ name: 'dora', rank, alpha, dropout }),
  ),
  choice(
    'adalora',
    (method) => method.name === 'adalora',
    () => ({
      ...{ name: 'adalora', initialRank: 12, targetRank: 8, alpha, deltaT: 1 },
      ...{ beta1: 0.85, beta2: 0.85, orthogonalWeight: 0.5, dropout },
    }),
  ),
  choice(
    'full',
    (method) => method.name === 'full',
    () => ({ name: 'full', scope: 'all' }),
  ),
] as const;

export type MethodId = (typeof methodChoices)[number]['id'];

export const methodIds: readonly MethodId[] = methodChoices.map(({ id }) => id);

/** Which choice these settings are. */
export function choiceOf(method: MethodConfig): MethodId {
  // Every configuration the schema lets through is one of them: a test goes through all names.
  return methodChoices.find(({ is }) => is(method))?.id ?? 'sara';
}

export function isMethodId(name: string): name is MethodId {
  return methodChoices.some(({ id }) => id === name);
}
