/** The settings of each method, besides the rank rule that is set in Ranks: bounds, and which a simple view shows. */
import type { MethodId } from '../../state/methodChoices.ts';

interface Common<Key extends string> {
  readonly key: Key;
  /** Shown in the simple view too. */
  readonly simple?: boolean;
}
export interface MethodNumber extends Common<string> {
  readonly kind: 'number';
  readonly min: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly optional?: boolean;
}
export interface MethodChoiceSetting extends Common<string> {
  readonly kind: 'choice';
  readonly choices: readonly string[];
}

const rank = { key: 'rank', kind: 'number', min: 1, max: 4096, integer: true, simple: true } as const;
const alpha = { key: 'alpha', kind: 'number', min: 1e-6, simple: true } as const;
const dropout = { key: 'dropout', kind: 'number', min: 0, max: 0.99 } as const;

export const methodSettings = {
  sara: [
    {
      key: 'init',
      kind: 'choice',
      choices: ['zero-b', 'zero-lambda', 'svd', 'raw-lambda'],
    },
    { key: 'scaling', kind: 'number', min: 1e-6 },
    { key: 'lambdaLearningRateMultiplier', kind: 'number', min: 1e-6 },
    dropout,
  ],
  'lora-budget': [alpha, dropout],
  lora: [rank, alpha, dropout],
  rslora: [rank, alpha, dropout],
  pissa: [rank, { ...alpha, optional: true, simple: false }, dropout],
} as const satisfies Readonly<Record<MethodId, readonly (MethodNumber | MethodChoiceSetting)[]>>;

export type MethodSetting = (typeof methodSettings)[MethodId][number];
export type MethodSettingKey = MethodSetting['key'];
