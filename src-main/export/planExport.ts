import type { ExportFormat } from '../contract/exportFormats.ts';
import type { ExportPlan, ExportSource } from './exportPlan.ts';
import { planGgufModel } from './ggufModel.ts';
import { planHuggingFaceFolder } from './huggingFaceFolder.ts';
import { planLoraGguf } from './loraGguf.ts';
import { planNativeAdapter } from './nativeAdapter.ts';
import { planOllamaFolder } from './ollamaFolder.ts';
import { planPeftAdapter } from './peftAdapter.ts';

/**
 * An export up to its first byte.
 * @throws AppError where the format cannot hold this model or adapter: FAMILY_UNSUPPORTED, TOKENIZER_INVALID,
 *   NOT_MERGEABLE, SETTINGS_INVALID
 */
export async function planExport(source: ExportSource, format: ExportFormat): Promise<ExportPlan> {
  switch (format) {
    case 'hf':
      return planHuggingFaceFolder(source);
    case 'peft':
    case 'peft-compact':
      return planPeftAdapter(source, format);
    case 'gguf':
      return planGgufModel(source);
    case 'lora-gguf':
      return planLoraGguf(source);
    case 'ollama':
      return planOllamaFolder(source);
    case 'native':
      return planNativeAdapter(source);
  }
}
