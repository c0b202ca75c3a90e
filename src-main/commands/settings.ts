import { settingsFileOf, settingsFileText } from '../contract/settingsFile.ts';
import { readRun } from '../runs/runFolder.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import type { Command } from './command.ts';
import { text } from './optionValues.ts';

/** Writes the settings of a run as a file for another person or computer. */
export const settings: Command = {
  name: 'settings',
  usage: 'RUN [--out FILE]',
  positionals: 1,
  summary: 'Write the settings of a run, without paths, as a file for --config or the app.',
  options: { out: { type: 'string', value: 'FILE', description: 'Where to (default: written out here).' } },
  async run({ positionals, options, output }) {
    const [folder] = positionals;
    if (folder === undefined) throw new AppError('USAGE', 'RUN is missing: name the folder of a run.');
    const { config, name } = await readRun(folder);
    const file = settingsFileOf(config, name);
    const out = text(options, 'out');
    if (out !== undefined) await writeFileAtomic(out, settingsFileText(file));
    if (output.json) return output.value(out === undefined ? file : { out });
    output.line(out === undefined ? settingsFileText(file).trimEnd() : `Settings: ${out}`);
  },
};
