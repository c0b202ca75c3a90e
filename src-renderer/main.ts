import './styles/main.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { createClient } from './bridge/client.ts';
import NoBridge from './features/shell/NoBridge.svelte';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app.');

if (window.bridge === undefined) mount(NoBridge, { target });
else mount(App, { target, props: { client: createClient(window.bridge) } });
