import { accelerators, type MenuCommand } from '../../src-main/contract/menu.ts';

const mac = typeof navigator !== 'undefined' && navigator.platform.startsWith('Mac');

/** How keys are written on this system, apart by spaces. */
export function keysText(accelerator: string, onMac = mac): string {
  const names: Readonly<Record<string, string>> = onMac
    ? { CmdOrCtrl: '⌘', Alt: '⌥', Shift: '⇧', Enter: '↵', Plus: '+' }
    : { CmdOrCtrl: 'Ctrl', Shift: '⇧', Enter: '↵', Plus: '+' };
  return accelerator
    .split('+')
    .map((key) => names[key] ?? key)
    .join(' ');
}

/** The keys of a command as they are written on this system; empty where it has none. */
export function keysOf(command: MenuCommand): string {
  const accelerator = accelerators[command];
  return accelerator === undefined ? '' : keysText(accelerator);
}

/** The keys of a command for `aria-keyshortcuts`. */
export function ariaKeysOf(command: MenuCommand): string | undefined {
  return accelerators[command]?.replace('CmdOrCtrl', mac ? 'Meta' : 'Control').replace('Plus', '+');
}
