/** Every kind of file that is fuzzed, by its name. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Format } from './format.ts';
import { csvFormat, jsonFormat, jsonLinesFormat, parquetFormat } from './formats/data.ts';
import { ggufFormat } from './formats/gguf.ts';
import { configFormat, tokenizerFormat } from './formats/modelFolder.ts';
import { runFormat } from './formats/run.ts';
import { safetensorsFormat } from './formats/safetensors.ts';
import { settingsFormat } from './formats/settings.ts';
import { templateFormat } from './formats/template.ts';

/** @param root folder of the project, in which the sound files are */
function makers(root: string): Readonly<Record<string, () => Format | Promise<Format>>> {
  const fixture = (...parts: readonly string[]): string => path.join(root, 'tests', 'golden', 'fixtures', ...parts);
  const sound = fixture('corrupt', 'models', 'sound');
  const stories = path.join(root, 'resources', 'samples', 'stories260K');
  const parquet = path.join(root, 'tests', 'golden', 'data', 'parquet');
  return {
    safetensors: () => safetensorsFormat(path.join(sound, 'model.safetensors')),
    gguf: () => ggufFormat([fixture('corrupt', 'gguf', 'sound.gguf'), fixture('llama', 'base-f32.gguf')]),
    config: () =>
      configFormat(
        sound,
        ['gemma2', 'gemma3_text', 'llama3', 'mistral', 'phi3', 'qwen3'].map((name) =>
          fixture('more', name, 'config.json'),
        ),
      ),
    tokenizer: () => tokenizerFormat([sound, fixture('gpt2', 'model'), fixture('qwen2', 'model'), stories]),
    template: templateFormat,
    jsonl: () => jsonLinesFormat,
    json: () => jsonFormat,
    csv: () => csvFormat,
    parquet: () =>
      parquetFormat(
        readdirSync(parquet)
          .filter((name) => name.endsWith('.parquet'))
          .map((name) => path.join(parquet, name)),
      ),
    run: runFormat,
    settings: settingsFormat,
  };
}

export const formatNames = [
  'safetensors',
  'gguf',
  'config',
  'tokenizer',
  'template',
  'jsonl',
  'json',
  'csv',
  'parquet',
  'run',
  'settings',
] as const;

/** @throws RangeError for a name that is not known */
export async function formatOf(name: string, root: string): Promise<Format> {
  const make = makers(root)[name];
  if (make === undefined) throw new RangeError(`There is no format ${name}; there are ${formatNames.join(', ')}.`);
  return make();
}
