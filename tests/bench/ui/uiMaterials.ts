/** What the window is measured with: a file of a million rows, and a model of 32 layers with 7 matrices each. */
import { closeSync, copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

const samples = path.join(import.meta.dirname, '..', '..', '..', 'resources', 'samples', 'stories260K');
const rowsAtOnce = 10_000;

/** Rows of prompt and completion in one file. */
export function writeRows(file: string, count: number): void {
  const out = openSync(file, 'w');
  for (let from = 0; from < count; from += rowsAtOnce) {
    const lines = Array.from({ length: Math.min(rowsAtOnce, count - from) }, (_, i) =>
      JSON.stringify({
        prompt: `Tell a story about number ${from + i}.`,
        completion: `Once upon a time there was a ${from + i}. It lived in a small house by the sea. The end.`,
      }),
    );
    writeSync(out, `${lines.join('\n')}\n`);
  }
  closeSync(out);
}

const shape = { layers: 32, hidden: 256, intermediate: 512, heads: 8, vocabulary: 512 } as const;

/** A LLaMA of 32 layers whose columns fade at a pace that differs from matrix to matrix, so that ranks do too. */
export function writeModel(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json']) {
    copyFileSync(path.join(samples, name), path.join(folder, name));
  }
  const { layers, hidden, intermediate, heads, vocabulary } = shape;
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    ...{ hidden_size: hidden, intermediate_size: intermediate, num_hidden_layers: layers },
    ...{ num_attention_heads: heads, num_key_value_heads: heads, vocab_size: vocabulary },
    ...{ rms_norm_eps: 1e-5, rope_theta: 10_000, max_position_embeddings: 512, hidden_act: 'silu' },
    ...{ tie_word_embeddings: true, bos_token_id: 1, eos_token_id: 2, torch_dtype: 'float32' },
  };
  writeFileSync(path.join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  writeFileSync(path.join(folder, 'model.safetensors'), safetensors(tensorsOf()));
}

type Tensor = readonly [name: string, shape: readonly number[], values: Float32Array];

function tensorsOf(): Tensor[] {
  const { layers, hidden, intermediate, vocabulary } = shape;
  const modules = [
    ...(['q', 'k', 'v', 'o'] as const).map((name) => [`self_attn.${name}_proj`, hidden, hidden] as const),
    ...(['gate', 'up'] as const).map((name) => [`mlp.${name}_proj`, intermediate, hidden] as const),
    ['mlp.down_proj', hidden, intermediate] as const,
  ];
  const norm = (name: string): Tensor => [name, [hidden], new Float32Array(hidden).fill(1)];
  return [
    ['model.embed_tokens.weight', [vocabulary, hidden], fading(vocabulary, hidden, 1e9, 1)],
    ...Array.from({ length: layers }, (_, layer) => [
      norm(`model.layers.${layer}.input_layernorm.weight`),
      norm(`model.layers.${layer}.post_attention_layernorm.weight`),
      ...modules.map(([module, rows, columns], at): Tensor => {
        const pace = 8 + 3 * layer + 11 * at;
        return [
          `model.layers.${layer}.${module}.weight`,
          [rows, columns],
          fading(rows, columns, pace, 1 + layer * 7 + at),
        ];
      }),
    ]).flat(),
    norm('model.norm.weight'),
  ];
}

/** Random values whose columns become smaller by 1/e over so many columns. */
function fading(rows: number, columns: number, pace: number, seed: number): Float32Array {
  const values = new Float32Array(rows * columns);
  let state = seed >>> 0;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[i] = ((state / 2 ** 32 - 0.5) * Math.exp(-(i % columns) / pace)) / 8;
  }
  return values;
}

function safetensors(tensors: readonly Tensor[]): Uint8Array {
  let offset = 0;
  const header = Object.fromEntries(
    tensors.map(([name, dimensions, values]) => {
      const from = offset;
      offset += values.byteLength;
      return [name, { dtype: 'F32', shape: dimensions, data_offsets: [from, offset] }];
    }),
  );
  const head = Buffer.from(JSON.stringify({ __metadata__: { format: 'pt' }, ...header }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, ...tensors.map(([, , values]) => new Uint8Array(values.buffer))]);
}
