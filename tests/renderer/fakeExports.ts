/** Prepared answers about exports, found models and the hub. Never part of the product. */
import type { StoredExport } from '../../src-main/contract/exports.ts';
import type { HubAccount } from '../../src-main/contract/hub.ts';
import type { ExportCheck, ExportChoice, ExportResult, VerifyResult } from '../../src-main/contract/results.ts';
import type { RouteInput, RouteName, RouteOutput } from '../../src-main/contract/routes.ts';

type Routes = Extract<RouteName, `export.${string}` | `hub.${string}` | 'models.find' | 'models.stopFinding'>;
type Handlers = { [R in Routes]: (input: RouteInput<R>) => RouteOutput<R> };

const floats = { f32: 538_060_032, f16: 269_030_016, bf16: 269_030_016 };
const adapters = { f32: 9_760_000, f16: 4_880_000, bf16: 4_880_000 };
const ggufs = { f32: 538e6, f16: 270e6, bf16: 270e6, q8_0: 143e6, q4_k_m: 105e6, q4_0: 91e6 };

const choices: readonly ExportChoice[] = [
  { format: 'hf', bytes: floats, seconds: 41 },
  { format: 'gguf', bytes: ggufs, seconds: 52 },
  { format: 'ollama', bytes: ggufs, seconds: 52 },
  { format: 'peft', bytes: { f32: 31e6, f16: 15.5e6, bf16: 15.5e6 }, seconds: 30 },
  { format: 'peft-compact', bytes: adapters, seconds: 30 },
  {
    format: 'lora-gguf',
    bytes: {},
    refusal: 'The adapter depends on the input, so llama.cpp has no place for it; export the native adapter instead.',
  },
  { format: 'native', bytes: { f32: 9_760_000 }, seconds: 30 },
];

const check = (name: string, value: string, bound: string, passed = true): ExportCheck => ({
  name,
  passed,
  value,
  bound,
});

const passedChecks: readonly ExportCheck[] = [
  check('Tensors, shapes and types', '272 of 272', 'as planned'),
  check('Relative error of the weights', '4.1e-3 (model.layers.11.mlp.down_proj.weight)', 'at most 2.0e-2'),
  check('Same tokens', '22 texts', 'all texts'),
  check('End tokens', '2', '2'),
  check('Largest difference of a logit', '6.10e-2', 'at most 4'),
  check('KL divergence', '1.70e-4', 'at most 0.05'),
  check('Same most probable token', '98.9 % of 368', 'at least 85 %'),
  check('Answers end by themselves', '4 of 4', 'at least 2, since 4 end in memory'),
];

const failedChecks: readonly ExportCheck[] = passedChecks.map((one) =>
  one.name === 'KL divergence'
    ? check(one.name, '1.42', 'at most 1', false)
    : one.name === 'Same most probable token'
      ? check(one.name, '41.3 % of 368', 'at least 45 %', false)
      : one,
);

const tensors = Array.from({ length: 272 }, (_, i) => ({
  name: `blk.${Math.floor(i / 9)}.${['attn_q', 'attn_k', 'attn_v', 'ffn_up', 'ffn_down'][i % 5] ?? ''}.weight`,
  shape: [576, 576],
  type: 'Q8_0',
  bytes: 352_512,
}));

const proof = {
  files: [
    { name: 'README.md', bytes: 1_320, sha256: '591785b794601e212b260e25925636fd591785b794601e212b260e25925636fd' },
    { name: 'run-1-Q8_0.gguf', bytes: 144_810_000, sha256: 'b1946ac92492d2347c6235b4d2611184b1946ac92492d234' },
  ],
  format: 'gguf',
  type: 'Q8_0',
  positions: 368,
  checks: passedChecks,
  notes: [],
  tensors,
  baseRounding: { type: 'Q4_1', relativeError: 0.071, kl: 0.062, topOneAgreement: 0.87 },
} as const;

export const exportResult: ExportResult = {
  ...proof,
  out: '/home/mara/sara/exports/run-1 gguf',
  maxAbsLogitDiff: 0.061,
  kl: 1.7e-4,
  topOneAgreement: 0.989,
  seconds: 52,
};

export const verifyResult: VerifyResult = {
  path: exportResult.out,
  format: 'gguf',
  type: 'Q8_0',
  passed: false,
  likelyCause: 'the files are not those that were written: the drive may be faulty, or another program changed them',
  maxAbsLogitDiff: 8.1,
  kl: 1.42,
  topOneAgreement: 0.413,
  positions: 368,
  checks: [check('Files as written', 'run-1-Q8_0.gguf differs', 'all', false), ...failedChecks],
};

const stored: StoredExport = { ...proof, out: exportResult.out, notes: [], changed: [] };

export function exportRoutes(): Handlers {
  let account: HubAccount = { endpoint: 'https://huggingface.co', token: 'none', canSave: true };
  return {
    'export.choices': () => choices,
    'export.report': ({ path }) => ({ ...stored, out: path }),
    'export.history': () => [
      {
        at: '2026-11-23T10:20:00.000Z',
        out: '/home/mara/sara/exports/run-1 hf',
        format: 'hf',
        type: 'BF16',
        bytes: 271_140_000,
        step: 24,
        seconds: 38,
        there: true,
      },
      {
        at: '2026-11-22T18:02:00.000Z',
        out: '/media/stick/run-1 ollama',
        format: 'ollama',
        type: 'Q4_K',
        bytes: 105_000_000,
        step: 24,
        seconds: 61,
        there: false,
      },
    ],
    'export.suggestFolder': ({ name }) => ({ path: `/home/mara/sara/exports/${name}` }),
    'hub.account': () => account,
    'hub.saveToken': () => (account = { ...account, token: 'saved' }),
    'hub.forgetToken': () => (account = { ...account, token: 'none' }),
    'models.find': () => ({
      models: [
        {
          path: '/home/mara/.ollama/models/blobs/sha256-74701a8c35f6c8d9a4b91f3f3497643001d63e0c7a84e085bed452548fa88d45',
          name: 'llama3.2:1b',
          place: 'ollama',
          format: 'gguf',
          bytes: 1_321_082_688,
          family: 'llama',
          parameters: 1_235_814_432,
          type: 'Q8_0',
          trainable: true,
        },
        {
          path: '/home/mara/.lmstudio/models/lmstudio-community/gpt-oss-20b.gguf',
          name: 'lmstudio-community/gpt-oss-20b.gguf',
          place: 'lm-studio',
          format: 'gguf',
          bytes: 12_109_565_632,
          trainable: false,
          reason: 'Tensor "blk.0.ffn_down_exps.weight" has the type MXFP4, which cannot be read here.',
        },
        {
          path: '/home/mara/.cache/huggingface/hub/models--Qwen--Qwen2.5-0.5B/snapshots/060db64',
          name: 'Qwen/Qwen2.5-0.5B',
          place: 'hugging-face',
          format: 'hf',
          bytes: 988_097_824,
          family: 'qwen2',
          parameters: 494_032_768,
          type: 'BF16',
          trainable: true,
        },
      ],
      searched: ['/home/mara/.ollama/models', '/home/mara/.lmstudio/models', '/home/mara/.cache/huggingface/hub'],
      cut: false,
    }),
    'models.stopFinding': () => ({ stopped: true }),
  };
}
