import path from 'node:path';
import type { TargetCall } from '../contract/targets.schema.ts';
import { targetTokenSchema } from '../contract/targets.schema.ts';
import { readTargets, targetNamed } from '../targets/targetFile.ts';
import { homeDirectory } from '../util/paths.ts';
import type { CommandCall, OptionSpec } from './command.ts';
import { flag, text, validated } from './optionValues.ts';

/** The options of commands that go to a cluster. */
export const targetOptions: Readonly<Record<string, OptionSpec>> = {
  target: { type: 'string', value: 'NAME', description: 'Run on this cluster (sara targets lists them).' },
  'ask-token': {
    type: 'boolean',
    description: 'Ask for the token of the dashboard; else it is taken from $SARA_TARGET_TOKEN.',
  },
};

/** The file that the app and the command line share. */
export function targetsFile(): string {
  return path.join(homeDirectory(), 'targets.json');
}

/**
 * The cluster of `--target`, or undefined. Its token never stands on a command line, where other people could read it.
 * @throws AppError SETTINGS_INVALID for an unknown name, USAGE for a token that is none
 */
export async function targetFrom(call: CommandCall): Promise<TargetCall | undefined> {
  const name = text(call.options, 'target');
  return name === undefined ? undefined : targetCall(name, call);
}

/** The cluster of a name, with its token. */
export async function targetCall(name: string, { options, secret }: CommandCall): Promise<TargetCall> {
  const target = targetNamed(await readTargets(targetsFile()), name);
  const given = flag(options, 'ask-token') ? await secret(`Token of ${name}: `) : process.env['SARA_TARGET_TOKEN'];
  if (given === undefined || given === '') return { target };
  return { target, token: validated(targetTokenSchema, given.trim()) };
}
