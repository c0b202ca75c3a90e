// What the official Electron archives carry and the one from npm lacks: `electron [-r module] FOLDER [arguments]`
// starts the application in the folder.
const { app } = require('electron');
const Module = require('node:module');
const path = require('node:path');

const parameters = process.argv.slice(1);
const preloaded = [];
let folder;
for (let i = 0; i < parameters.length; i++) {
  const parameter = parameters[i];
  if (parameter === '-r' || parameter === '--require') {
    i += 1;
    preloaded.push(parameters[i]);
  } else if (!parameter.startsWith('-')) {
    folder = path.resolve(parameter);
    break;
  }
}
for (const file of preloaded) Module._load(file, module, true);
if (folder === undefined) {
  process.stderr.write('Name the folder of the application.\n');
  process.exit(2);
}

Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
const description = require(path.join(folder, 'package.json'));
app.setVersion(description.version);
app.name = description.productName ?? description.name;
app.setAppPath(folder);
try {
  Module._load(Module._resolveFilename(folder, module, true), module, true);
} catch (error) {
  process.stderr.write(`The application could not be loaded.\n${error?.stack}\n`);
  process.exit(1);
}
