import type { ChangingCommand } from '../../src-main/contract/menu.ts';
import type { JobSummary } from '../../src-main/contract/jobs.ts';
import type { View } from './navigation.svelte.ts';
import type { Step } from './steps.ts';

export interface MenuFacts {
  readonly view: View;
  /** The step that the project shows. */
  readonly step: Step;
  /** The training at work, if there is one. */
  readonly training: Pick<JobSummary, 'state'> | undefined;
  /** There are settings to export. */
  readonly exportable: boolean;
}

/** The commands of the menu that make sense now, of those that do not always. */
export function enabledCommands({ view, step, training, exportable }: MenuFacts): ChangingCommand[] {
  const commands: ChangingCommand[] = [];
  if (exportable) commands.push('export-settings');
  if (view === 'project' && step.state !== 'blocked') commands.push('primary');
  if (training?.state === 'running') commands.push('pause');
  if (training?.state === 'paused') commands.push('continue');
  if (training !== undefined && training.state !== 'queued') commands.push('checkpoint', 'stop');
  return commands;
}
