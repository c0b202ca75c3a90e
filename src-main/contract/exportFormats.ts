/** The formats a run can be exported in. Free of zod so that the renderer may import the values. */

export const exportFormatNames = ['hf', 'peft', 'peft-compact', 'gguf', 'lora-gguf', 'ollama', 'native'] as const;
export type ExportFormat = (typeof exportFormatNames)[number];

/** Types of the weights in a GGUF file, from exact to small. */
export const ggufQuants = ['f32', 'f16', 'bf16', 'q8_0', 'q4_k_m', 'q4_0'] as const;
export type GgufQuant = (typeof ggufQuants)[number];

export const floatTypes = ['f32', 'f16', 'bf16'] as const;
export type FloatTypeName = (typeof floatTypes)[number];

export interface ExportFormatFacts {
  readonly name: string;
  /** What it is for, one sentence. */
  readonly purpose: string;
  /** Programs that read it. */
  readonly readers: readonly string[];
  /** `model`: whole weights, the adapter merged in. `adapter`: to be put on the base model. */
  readonly holds: 'model' | 'adapter';
  /** Which option sets the type of the weights. */
  readonly types: 'dtype' | 'quant' | 'none';
}

export const exportFormats: Readonly<Record<ExportFormat, ExportFormatFacts>> = {
  hf: {
    name: 'Hugging Face folder',
    purpose: 'Merged weights for Transformers, vLLM and LM Studio, and the start of further training.',
    readers: ['Transformers', 'vLLM', 'LM Studio', 'MLX'],
    holds: 'model',
    types: 'dtype',
  },
  gguf: {
    name: 'GGUF file',
    purpose: 'Merged weights in one file for llama.cpp, LM Studio, Jan and other local programs.',
    readers: ['llama.cpp', 'LM Studio', 'Jan', 'KoboldCpp'],
    holds: 'model',
    types: 'quant',
  },
  ollama: {
    name: 'Ollama folder',
    purpose: 'A GGUF file with the Modelfile that ollama create asks for.',
    readers: ['Ollama'],
    holds: 'model',
    types: 'quant',
  },
  peft: {
    name: 'PEFT adapter',
    purpose: 'The adapter alone, every matrix at the largest rank: right in PEFT, vLLM and every other reader.',
    readers: ['PEFT', 'vLLM'],
    holds: 'adapter',
    types: 'dtype',
  },
  'peft-compact': {
    name: 'PEFT adapter, compact',
    purpose: 'The adapter alone with a rank for each matrix: smaller, but right in PEFT alone.',
    readers: ['PEFT'],
    holds: 'adapter',
    types: 'dtype',
  },
  'lora-gguf': {
    name: 'LoRA GGUF',
    purpose: 'The adapter alone for llama.cpp, put on a GGUF file of the base model.',
    readers: ['llama.cpp'],
    holds: 'adapter',
    types: 'dtype',
  },
  native: {
    name: 'Native adapter',
    purpose: 'The adapter exactly as it was trained, for SARA Studio and your own code.',
    readers: ['SARA Studio', 'the reference reader'],
    holds: 'adapter',
    types: 'none',
  },
};
