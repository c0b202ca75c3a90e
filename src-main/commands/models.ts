import type { FoundPlace } from '../contract/found.ts';
import { formatBytes, formatCount } from '../contract/format.ts';
import type { Command } from './command.ts';
import { table } from './terminal.ts';

const placeNames: Readonly<Record<FoundPlace, string>> = {
  ollama: 'Ollama',
  'lm-studio': 'LM Studio',
  'llama.cpp': 'llama.cpp',
  'hugging-face': 'Hugging Face cache',
};

/** Models that other programs have fetched. */
export const models: Command = {
  name: 'models',
  usage: '',
  positionals: 0,
  summary: 'List models of Ollama, LM Studio, llama.cpp and the Hugging Face cache on this computer.',
  options: {},
  notes: ['Folders of your own are found through OLLAMA_MODELS, LLAMA_CACHE, HF_HUB_CACHE and HF_HOME.'],
  async run({ output, run }) {
    const found = await run('models.find', {});
    if (output.json) {
      output.value(found);
      return;
    }
    for (const place of Object.keys(placeNames) as FoundPlace[]) {
      const own = found.models.filter((model) => model.place === place);
      if (own.length === 0) continue;
      output.line(placeNames[place]);
      output.line(
        table(
          ['model', 'family', 'type', 'values', 'size', 'can be trained'],
          own.map(({ name, family = '–', type = '–', parameters, bytes, trainable, reason = '' }) => [
            name,
            family,
            type,
            parameters === undefined ? '–' : formatCount(parameters),
            formatBytes(bytes),
            trainable ? 'yes' : `no: ${reason}`,
          ]),
        ),
      );
      for (const { name, path } of own) output.line(`${name}: ${path}`);
      output.line('');
    }
    if (found.models.length === 0) output.note('No models were found in the folders of these programs.');
    if (found.cut) output.note('There is more than was looked through; the search ends after 15 seconds.');
  },
};
