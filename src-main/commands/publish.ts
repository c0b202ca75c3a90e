import { formatBytes } from '../contract/format.ts';
import { hubTokenSchema, publishSchema } from '../contract/requests.schema.ts';
import { AppError } from '../util/appError.ts';
import type { Command, CommandCall } from './command.ts';
import { flag, text, validated, withoutUndefined } from './optionValues.ts';

/** Puts an export on the Hugging Face hub. */
export const publish: Command = {
  name: 'publish',
  usage: 'FOLDER --repo NAME',
  positionals: 1,
  summary: 'Put an export on the Hugging Face hub, private unless told otherwise.',
  options: {
    repo: { type: 'string', value: 'NAME', description: 'Repository: NAME, or OWNER/NAME for an organisation.' },
    public: { type: 'boolean', description: 'Let everybody see it (default: private).' },
  },
  notes: [
    'The token is read from $HF_TOKEN, else asked for; it is kept nowhere. A second call after an interruption sends',
    'only what has not arrived. $HF_ENDPOINT names another hub.',
  ],
  async run(call) {
    const { positionals, options, output, run } = call;
    const request = validated(
      publishSchema,
      withoutUndefined({ path: positionals[0], repo: text(options, 'repo'), private: !flag(options, 'public') }),
      { path: 'FOLDER', repo: '--repo' },
    );
    const token = await tokenOf(call);
    const result = await run('publish.run', { ...request, token }, ({ phase, done, total }) => {
      const detail = total > 0 ? ` ${formatBytes(done)} of ${formatBytes(total)}` : '';
      output.progress(`${phase}${detail}`, total > 0 ? done / total : undefined);
    });
    if (output.json) {
      output.value(result);
      return;
    }
    for (const { name, bytes, how } of result.files) {
      output.line(`${name.padEnd(32)} ${formatBytes(bytes).padStart(9)}  ${how === 'sent' ? 'sent' : 'there already'}`);
    }
    output.line(`${result.private ? 'Private' : 'Public'}: ${result.url} (commit ${result.commit.slice(0, 12)})`);
  },
};

/** From the environment or asked for: an argument would be seen by everybody on the computer. */
async function tokenOf({ secret }: CommandCall): Promise<string> {
  const given = process.env['HF_TOKEN'] ?? (await secret('Token of the Hugging Face hub: '));
  const token = hubTokenSchema.safeParse(given.trim());
  if (token.success) return token.data;
  throw new AppError(
    'USAGE',
    'There is no token of the Hugging Face hub: set HF_TOKEN, or type one that begins with hf_.',
  );
}
