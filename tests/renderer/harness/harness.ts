/// <reference types="vite/client" />
/** Shows the window over the fake bridge. The address chooses the scene: `?{"scene":"data","theme":"dark"}`. */
import '../../../src-renderer/styles/main.css';
import { mount } from 'svelte';
import App from '../../../src-renderer/App.svelte';
import { createClient } from '../../../src-renderer/bridge/client.ts';
import { createFakeBridge, type FakeBridge, type FakeOptions } from '../fakeBridge.ts';

declare global {
  interface Window {
    fakeBridge?: FakeBridge;
  }
}

const target = document.getElementById('app');
if (target === null) throw new Error('The harness page has no #app.');
const query = decodeURIComponent(location.search.slice(1));
const bridge = createFakeBridge(query === '' ? {} : (JSON.parse(query) as FakeOptions));
window.fakeBridge = bridge;
mount(App, { target, props: { client: createClient(bridge) } });
