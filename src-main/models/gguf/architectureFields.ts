/** What a GGUF file states about a decoder. Keys: docs/gguf.md of ggml. */
import type { ArchSpec, RopeSpec } from '../types.ts';
import { countEntry, floatEntry, textEntry, type GgufEntry } from './entries.ts';

export interface GgufField {
  readonly type: 'count' | 'float' | 'text';
  readonly value: number | string;
}

/** Families whose windows a runner keeps to; for the others it attends to everything. */
const windowed: ReadonlySet<string> = new Set(['gemma2', 'gemma3']);

export function runnersKeepWindows(architecture: string): boolean {
  return windowed.has(architecture);
}

/** Key → value, the keys with the architecture's name in front. */
export function architectureFields(architecture: string, arch: ArchSpec): Map<string, GgufField> {
  const fields = new Map<string, GgufField>();
  const put = (type: GgufField['type']) => (key: string, value: number | string) =>
    void fields.set(`${architecture}.${key}`, { type, value });
  const count = put('count');
  const float = put('float');
  count('vocab_size', arch.vocabularySize);
  count('context_length', arch.contextLength);
  count('embedding_length', arch.hiddenSize);
  count('block_count', arch.layers.length);
  count('feed_forward_length', arch.intermediateSize);
  count('attention.head_count', arch.heads);
  if (arch.finalNorm.kind === 'layer') {
    float('attention.layer_norm_epsilon', arch.finalNorm.epsilon);
    return fields;
  }
  float('attention.layer_norm_rms_epsilon', arch.finalNorm.epsilon);
  count('attention.head_count_kv', arch.kvHeads);
  count('attention.key_length', arch.headDim);
  count('attention.value_length', arch.headDim);
  const rope = mainRope(arch);
  if (rope !== undefined) {
    float('rope.freq_base', rope.theta);
    count('rope.dimension_count', rope.dimensions);
    if (rope.scaling.type === 'linear') {
      put('text')('rope.scaling.type', 'linear');
      float('rope.scaling.factor', rope.scaling.factor);
    }
  }
  const { softcap } = arch.layers[0]?.attention ?? {};
  if (softcap !== undefined) float('attn_logit_softcapping', softcap);
  if (arch.logitSoftcap !== undefined) float('final_logit_softcapping', arch.logitSoftcap);
  const window = arch.layers.find(({ attention }) => attention.window !== undefined)?.attention.window;
  if (runnersKeepWindows(architecture) && window !== undefined) count('attention.sliding_window', window);
  if (architecture === 'phi3') {
    // 0 says that there is none; without the key, some readers assume one.
    count('attention.sliding_window', window ?? 0);
    count('rope.scaling.original_context_length', arch.contextLength);
  }
  return fields;
}

/** The rotary positions of the layers that see everything; those with a window may have a base of their own. */
export function mainRope(arch: ArchSpec): RopeSpec | undefined {
  const whole = arch.layers.find(({ attention }) => attention.window === undefined);
  return (whole ?? arch.layers[0])?.attention.rope;
}

export function fieldEntries(fields: ReadonlyMap<string, GgufField>): GgufEntry[] {
  return [...fields].map(([key, { type, value }]) => {
    if (typeof value === 'string') return textEntry(key, value);
    return type === 'float' ? floatEntry(key, value) : countEntry(key, value);
  });
}
