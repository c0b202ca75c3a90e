import type { Studio } from '../../state/studio.svelte.ts';
import type { PlainKey } from '../../text/text.svelte.ts';
import { stepIds } from '../../state/steps.ts';

export interface Shortcut {
  readonly keys: string;
  readonly text: PlainKey;
}

const mac = typeof navigator !== 'undefined' && navigator.platform.startsWith('Mac');
const mod = mac ? '⌘' : 'Ctrl';
const alt = mac ? '⌥' : 'Alt';

/** What the list of shortcuts shows, in groups. Open commands belong to the native menu as well. */
export const shortcutGroups: readonly { readonly title: PlainKey; readonly shortcuts: readonly Shortcut[] }[] = [
  {
    title: 'shell.shortcuts.navigate',
    shortcuts: [
      { keys: `${alt} H`, text: 'shortcut.home' },
      { keys: `${alt} P`, text: 'shortcut.project' },
      { keys: `${alt} R`, text: 'shortcut.runs' },
      { keys: `${alt} S`, text: 'shortcut.studies' },
      { keys: `${alt} C`, text: 'shortcut.chat' },
      { keys: `${mod} ,`, text: 'shortcut.settings' },
    ],
  },
  {
    title: 'shell.shortcuts.steps',
    shortcuts: [
      { keys: `${mod} 1`, text: 'step.model' },
      { keys: `${mod} 2`, text: 'step.data' },
      { keys: `${mod} 3`, text: 'step.ranks' },
      { keys: `${mod} 4`, text: 'step.train' },
      { keys: `${mod} 5`, text: 'step.export' },
    ],
  },
  {
    title: 'shell.shortcuts.act',
    shortcuts: [
      { keys: `${mod} O`, text: 'shortcut.openModel' },
      { keys: `${mod} ⇧ O`, text: 'shortcut.openData' },
      { keys: `${mod} I`, text: 'shortcut.inspect' },
      { keys: `${mod} ↵`, text: 'shortcut.primary' },
      { keys: '?', text: 'shortcut.list' },
    ],
  },
];

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, [contenteditable="true"]');
}

/** Does what a pressed key stands for. Keys of the native menu (open, settings) come as menu commands instead. */
export function handleShortcut(event: KeyboardEvent, studio: Studio): void {
  if (event.defaultPrevented || document.querySelector('[role="dialog"]') !== null) return;
  const modifier = mac ? event.metaKey : event.ctrlKey;
  if (modifier && !event.altKey && event.key === 'Enter') {
    document.querySelector<HTMLButtonElement>('[data-primary-action] button')?.click();
  } else if (modifier && !event.altKey && !event.shiftKey && /^[1-5]$/.test(event.key)) {
    const step = stepIds[Number(event.key) - 1];
    if (step !== undefined) studio.project.goTo(step);
    studio.navigation.go('project');
  } else if (event.altKey && !modifier) {
    const view = ({ KeyH: 'home', KeyP: 'project', KeyR: 'runs', KeyS: 'studies', KeyC: 'chat' } as const)[event.code];
    if (view === undefined) return;
    studio.navigation.go(view);
  } else if (event.key === '?' && !modifier && !typing(event.target)) {
    studio.navigation.shortcutsOpen = true;
  } else return;
  event.preventDefault();
}
