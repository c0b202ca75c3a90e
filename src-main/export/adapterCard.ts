import type { ExportFormat } from '../contract/exportFormats.ts';
import type { ExportSource } from './exportPlan.ts';
import { factsTable, frontMatter, reportHint } from './modelCard.ts';

type AdapterFormat = Extract<ExportFormat, 'peft' | 'peft-compact' | 'lora-gguf' | 'native'>;

const kinds: Readonly<Record<AdapterFormat, { readonly library: string; readonly what: string }>> = {
  peft: {
    library: 'peft',
    what:
      'An adapter for PEFT. Every matrix is filled up with zeros to the largest rank and the scale is 1, so that readers ' +
      'which know one rank for all matrices compute the same as PEFT.',
  },
  'peft-compact': {
    library: 'peft',
    what:
      'An adapter for PEFT with a rank for each matrix (`rank_pattern`). Readers that ignore `rank_pattern` scale it ' +
      'wrongly; give them the universal form instead.',
  },
  'lora-gguf': {
    library: 'gguf',
    what: 'An adapter for llama.cpp: start it with a GGUF file of the base model and `--lora` before this file.',
  },
  native: {
    library: 'sara-studio',
    what:
      'An adapter exactly as it was trained, each method with its own tensors. `adapter.json` says what they mean; the ' +
      'format is described in docs/native-adapter.md of SARA Studio.',
  },
};

const peftUse = (name: string): string[] => [
  '```python',
  'from peft import PeftModel',
  'from transformers import AutoModelForCausalLM',
  '',
  `base = AutoModelForCausalLM.from_pretrained(${JSON.stringify(name)})`,
  'model = PeftModel.from_pretrained(base, ".")',
  '```',
  '',
];

const doraHint =
  'The adapter is DoRA (`use_dora`): PEFT reads it; vLLM and llama.cpp do not, and need the merged model instead.';

/** README.md of an exported adapter. */
export function adapterCard(source: ExportSource, format: AdapterFormat): string {
  const { library, what } = kinds[format];
  return [
    ...frontMatter(source, library, 'adapter'),
    '',
    `# ${source.name}`,
    '',
    what,
    '',
    ...(library === 'peft' ? peftUse(source.model.summary.name) : []),
    ...(source.run?.record.config.method.name === 'dora' && library === 'peft' ? [doraHint, ''] : []),
    ...factsTable(source),
    '',
    reportHint,
    '',
  ].join('\n');
}
