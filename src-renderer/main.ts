import './styles/main.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { createClient } from './bridge/client.ts';
import NoBridge from './features/shell/NoBridge.svelte';

// The theme before the first paint; the settings' own follows once they are read.
document.documentElement.dataset['theme'] = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app.');

if (window.bridge === undefined) mount(NoBridge, { target });
else mount(App, { target, props: { client: createClient(window.bridge) } });
