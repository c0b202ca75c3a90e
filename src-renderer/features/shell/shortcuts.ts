import { zoomAccelerators } from '../../../src-main/contract/menu.ts';
import { keysOf, keysText } from '../../state/keys.ts';
import { pressMainAction, type Studio } from '../../state/studio.svelte.ts';
import { stepIds } from '../../state/steps.ts';
import type { PlainKey } from '../../text/text.svelte.ts';

export interface Shortcut {
  readonly keys: string;
  readonly text: PlainKey;
}

const mac = typeof navigator !== 'undefined' && navigator.platform.startsWith('Mac');

/** What the list of shortcuts shows, in groups. */
export const shortcutGroups: readonly { readonly title: PlainKey; readonly shortcuts: readonly Shortcut[] }[] = [
  {
    title: 'shell.shortcuts.navigate',
    shortcuts: (['home', 'project', 'runs', 'studies', 'sweeps', 'chat', 'settings'] as const).map((view) => ({
      keys: keysOf(view),
      text: `nav.${view}`,
    })),
  },
  {
    title: 'shell.shortcuts.steps',
    shortcuts: stepIds.map((step) => ({ keys: keysOf(`step-${step}`), text: `step.${step}` })),
  },
  {
    title: 'shell.shortcuts.act',
    shortcuts: [
      { keys: keysOf('primary'), text: 'shortcut.primary' },
      { keys: keysOf('open-model'), text: 'shortcut.openModel' },
      { keys: keysOf('open-data'), text: 'shortcut.openData' },
      { keys: keysOf('inspect'), text: 'shortcut.inspect' },
    ],
  },
  {
    title: 'shell.shortcuts.see',
    shortcuts: [
      { keys: keysText(zoomAccelerators.in), text: 'shortcut.zoomIn' },
      { keys: keysText(zoomAccelerators.out), text: 'shortcut.zoomOut' },
      { keys: keysText(zoomAccelerators.reset), text: 'shortcut.zoomReset' },
      { keys: keysOf('tour'), text: 'shortcut.tour' },
      { keys: '?', text: 'shortcut.list' },
    ],
  },
];

/** Letters with Alt that lead to a view. */
const viewKeys = {
  KeyH: 'home',
  KeyP: 'project',
  KeyR: 'runs',
  KeyS: 'studies',
  KeyW: 'sweeps',
  KeyC: 'chat',
} as const;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, [contenteditable="true"]');
}

/** Does what a pressed key stands for. Keys of the native menu (open, settings) come as menu commands instead. */
export function handleShortcut(event: KeyboardEvent, studio: Studio): void {
  if (event.defaultPrevented || document.querySelector('[role="dialog"]') !== null) return;
  const modifier = mac ? event.metaKey : event.ctrlKey;
  if (modifier && !event.altKey && event.key === 'Enter') {
    // A key that is held down must not stop what it has just started.
    if (!event.repeat) pressMainAction();
  } else if (modifier && !event.altKey && !event.shiftKey && /^[1-5]$/.test(event.key)) {
    const step = stepIds[Number(event.key) - 1];
    if (step !== undefined) studio.goToStep(step);
  } else if (event.altKey && !modifier) {
    const view = Object.entries(viewKeys).find(([code]) => code === event.code)?.[1];
    if (view === undefined) return;
    studio.navigation.go(view);
  } else if (event.key === '?' && !modifier && !typing(event.target)) {
    studio.navigation.shortcutsOpen = true;
  } else return;
  event.preventDefault();
}
