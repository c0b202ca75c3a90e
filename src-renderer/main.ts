import './styles/main.css';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app.');

// The app comes in a file of its own: the frame in index.html, with styles and colours, is painted while it is read.
const { start } = await import('./start.ts');
start(target);
