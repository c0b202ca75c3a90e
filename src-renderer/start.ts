/** Puts the app in the place of the frame that index.html shows meanwhile. */
import { mount } from 'svelte';
import App from './App.svelte';
import { createClient } from './bridge/client.ts';
import NoBridge from './features/shell/NoBridge.svelte';

/** Mounts the app, or the sentence that stands where it cannot run, in `target`. */
export function start(target: HTMLElement): void {
  target.replaceChildren();
  if (window.bridge === undefined) mount(NoBridge, { target });
  else mount(App, { target, props: { client: createClient(window.bridge) } });
}
