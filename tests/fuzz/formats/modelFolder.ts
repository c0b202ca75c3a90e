/** config.json and the index of the weights; the files of a tokenizer. Other files of the folder are sound. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createTokenizer } from '../../../src-main/models/tokenizer/tokenizer.ts';
import { readTokenizerFiles } from '../../../src-main/models/tokenizer/tokenizerFiles.ts';
import type { Rng } from '../../../src-main/util/rng.ts';
import type { Format } from '../format.ts';
import { hostileString, pick, strings } from '../hostile.ts';
import { mutateBytes } from '../mutateBytes.ts';
import { childOf, mutateTree, textOf, treeOf, type Tree } from '../mutateJson.ts';
import { useModel } from './useModel.ts';
import { useTokenizer } from './useTokenizer.ts';

function filesOf(folder: string): Record<string, Buffer> {
  const names = readdirSync(folder).filter((name) => statSync(path.join(folder, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name))]));
}

function parsed(files: Readonly<Record<string, Buffer>>, name: string): unknown {
  return JSON.parse(files[name]?.toString('utf8') ?? '{}');
}

/** @param folder a sound model */
export function configFormat(folder: string, configs: readonly string[]): Format {
  const sound = filesOf(folder);
  const own = treeOf(parsed(sound, 'config.json'));
  // Those of other families fit the weights less, and reach other code.
  const others = configs.map((file) => treeOf(JSON.parse(readFileSync(file, 'utf8'))));
  const header = JSON.parse(
    (sound['model.safetensors'] ?? Buffer.alloc(8)).toString('utf8', 8, 8 + headerBytes(sound)),
  ) as Record<string, unknown>;
  const weightMap = Object.fromEntries(
    Object.keys(header)
      .filter((tensor) => tensor !== '__metadata__')
      .map((tensor) => [tensor, 'model.safetensors']),
  );
  const index = treeOf({ metadata: { total_size: 1 }, weight_map: weightMap });
  return {
    name: 'config',
    sound,
    make(rng) {
      const config = rng.next() < 0.6 ? own : pick(rng, others);
      const files: Record<string, string | Buffer> = {};
      if (rng.next() < 0.8) files['config.json'] = hostileText(rng, config);
      if (rng.next() < 0.3) files['generation_config.json'] = hostileText(rng, own);
      if (rng.next() < 0.3) files['model.safetensors.index.json'] = indexText(rng, index);
      return files;
    },
    use: useModel,
  };
}

function headerBytes(files: Readonly<Record<string, Buffer>>): number {
  return Number(files['model.safetensors']?.readBigUInt64LE(0) ?? 0n);
}

/** Shards with names that lead out of the folder, besides other changes. */
function indexText(rng: Rng, index: Tree): string {
  const tree = structuredClone(index);
  const map = childOf(tree, 'weight_map');
  if (map?.kind === 'object' && rng.next() < 0.6) {
    const entry = pick(rng, map.entries);
    entry[1] = { kind: 'text', text: JSON.stringify(rng.next() < 0.7 ? pick(rng, strings) : hostileString(rng)) };
  }
  return textOf(rng.next() < 0.5 ? tree : mutateTree(rng, tree, 2));
}

function hostileText(rng: Rng, tree: Tree): string | Buffer {
  const text = textOf(mutateTree(rng, tree));
  return rng.next() < 0.9 ? text : mutateBytes(rng, Buffer.from(text));
}

/** Expressions whose time grows without bound on some text, and some that are not valid. */
const expressions = [
  '(a+)+$',
  '(a|a)*b',
  '(a*)*b',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(\\s+)+x',
  'a*a*a*a*a*a*b',
  '(?:a?){40}a{40}',
  '(.*)*=',
  '\\p{L}+',
  '(?<=a)b',
  '[',
  '(',
  'x{1000000}',
  '(?=(a+))a*b\\1',
  '\\u{110000}',
  '(?i:a)+',
  '[^]',
  '',
];

/** @param folders sound models whose tokenizers are of different kinds */
export function tokenizerFormat(folders: readonly string[]): Format {
  const models = folders.map((folder) => {
    const files = filesOf(folder);
    return {
      'tokenizer.json': treeOf(parsed(files, 'tokenizer.json')),
      'tokenizer_config.json': treeOf(parsed(files, 'tokenizer_config.json')),
    };
  });
  const special = treeOf({ bos_token: '<s>', eos_token: { content: '</s>' }, unk_token: '<unk>' });
  return {
    name: 'tokenizer',
    sound: {},
    make(rng) {
      const model = pick(rng, models);
      const tokenizer = rng.next() < 0.3 ? withParts(rng, model['tokenizer.json']) : model['tokenizer.json'];
      const files: Record<string, string | Buffer> = {
        'tokenizer.json': rng.next() < 0.9 ? hostileText(rng, tokenizer) : textOf(tokenizer),
        'tokenizer_config.json':
          rng.next() < 0.3 ? hostileText(rng, model['tokenizer_config.json']) : textOf(model['tokenizer_config.json']),
      };
      if (rng.next() < 0.2) files['special_tokens_map.json'] = hostileText(rng, special);
      return files;
    },
    async use(folder) {
      const files = await readTokenizerFiles(folder);
      await useTokenizer(createTokenizer(files, undefined, () => new Date(0)));
    },
  };
}

/** A tokenizer with a step of another kind, such as an expression of its own. */
function withParts(rng: Rng, tokenizer: Tree): Tree {
  const tree = structuredClone(tokenizer);
  if (tree.kind !== 'object') return tree;
  const pattern = { Regex: pick(rng, expressions) };
  const steps: readonly [string, unknown][] = [
    [
      'pre_tokenizer',
      { type: 'Split', pattern, behavior: pick(rng, ['Isolated', 'Removed', 'x']), invert: rng.next() < 0.3 },
    ],
    ['normalizer', { type: 'Replace', pattern, content: pick(rng, ['', '$&$&$&', 'aaaa']) }],
    ['decoder', { type: 'Replace', pattern, content: '' }],
    ['pre_tokenizer', { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }] }],
    [
      'normalizer',
      { type: 'Sequence', normalizers: Array.from({ length: 30 }, () => ({ type: 'Prepend', prepend: '▁' })) },
    ],
    ['post_processor', { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<s>' } }], special_tokens: {} }],
    ['truncation', { max_length: 2 ** 31, stride: -1 }],
    ['padding', { strategy: { Fixed: 2 ** 31 }, pad_id: 0, pad_token: 'x' }],
  ];
  const [part, value] = pick(rng, steps);
  tree.entries = [...tree.entries.filter(([key]) => key !== part), [part, treeOf(value)]];
  return tree;
}
