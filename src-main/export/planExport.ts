import type { ExportFormat } from '../contract/exportFormats.ts';
import { AppError } from '../util/appError.ts';
import { adapterRefusal } from './adapterForms.ts';
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
  const refusal = source.run && adapterRefusal(source.run.record.config.method, format);
  if (refusal !== undefined) throw new AppError('NOT_MERGEABLE', refusal);
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
