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
const scaling = { key: 'scaling', kind: 'number', min: 1e-6 } as const;
const dropout = { key: 'dropout', kind: 'number', min: 0, max: 0.99 } as const;

export const methodSettings = {
  sara: [
    {
      key: 'init',
      kind: 'choice',
      choices: ['zero-b', 'zero-lambda', 'svd', 'raw-lambda'],
    },
    scaling,
    { key: 'lambdaLearningRateMultiplier', kind: 'number', min: 1e-6 },
    dropout,
  ],
  'lora-budget': [alpha, dropout],
  lora: [rank, alpha, dropout],
  rslora: [rank, alpha, dropout],
  pissa: [rank, { ...alpha, optional: true, simple: false }, dropout],
  dora: [rank, alpha, dropout],
  adalora: [
    { ...rank, key: 'initialRank' },
    { ...rank, key: 'targetRank' },
    { ...alpha, simple: false },
    { key: 'tinit', kind: 'number', min: 0, integer: true, optional: true },
    { key: 'tfinal', kind: 'number', min: 1, integer: true, optional: true },
    { key: 'deltaT', kind: 'number', min: 1, integer: true },
    { key: 'beta1', kind: 'number', min: 1e-6, max: 0.999999 },
    { key: 'beta2', kind: 'number', min: 1e-6, max: 0.999999 },
    { key: 'orthogonalWeight', kind: 'number', min: 0 },
    dropout,
  ],
  full: [{ key: 'scope', kind: 'choice', choices: ['all', 'without-embeddings', 'matrices'], simple: true }],
  mosara: [
    { key: 'sets', kind: 'number', min: 1, max: 64, integer: true, simple: true },
    { key: 'router', kind: 'choice', choices: ['rank1', 'linear'] },
    { key: 'output', kind: 'choice', choices: ['vector', 'none'] },
    scaling,
    dropout,
  ],
} as const satisfies Readonly<Record<MethodId, readonly (MethodNumber | MethodChoiceSetting)[]>>;

export type MethodSetting = (typeof methodSettings)[MethodId][number];
export type MethodSettingKey = MethodSetting['key'];

type ChoiceSetting = Extract<MethodSetting, { kind: 'choice' }>;
/** `method.SETTING.CHOICE` for each setting with the choices it has itself. */
type ChoiceKey<Setting = ChoiceSetting> = Setting extends ChoiceSetting
  ? `method.${Setting['key']}.${Setting['choices'][number]}`
  : never;

/** The key of a choice’s text; its hint’s is the same with `.hint`. */
export function choiceKey(setting: ChoiceSetting, choice: ChoiceSetting['choices'][number]): ChoiceKey {
  // The types of setting and choice do not know of one another.
  return `method.${setting.key}.${choice}` as ChoiceKey;
}
