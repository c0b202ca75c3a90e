import type { ShownState } from '../../state/runs.svelte.ts';

/** How the state of a run is coloured; its word stands beside. */
export const stateTones: Readonly<Record<ShownState, 'neutral' | 'accent' | 'success' | 'warning' | 'danger'>> = {
  created: 'neutral',
  running: 'accent',
  interrupted: 'warning',
  paused: 'accent',
  done: 'success',
  stopped: 'neutral',
  failed: 'danger',
};
