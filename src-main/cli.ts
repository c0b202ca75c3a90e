import { leave } from './commands/leave.ts';
import { measureInChild } from './commands/measureInChild.ts';
import { readSecret } from './commands/readSecret.ts';
import { runCommandLine } from './commands/runCommandLine.ts';
import { terminalOutput } from './commands/terminal.ts';
import { exitCodes } from './contract/errors.ts';
import { openOperations } from './engine/inProcess.ts';
import { appVersion } from './util/appVersion.ts';

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
// Who started this tells by message that it is to end (src-main/setup/child.mjs), or is gone itself.
process.on('message', stop);
process.on('disconnect', stop);

// A reader such as `head` may close stdout early: that ends the program, it is no fault.
process.stdout.on('error', () => process.exit(exitCodes.done));

// `sara` reads stderr on its way to the terminal (src-main/setup/child.mjs).
const columns = process.env['SARA_STDERR_COLUMNS'];
delete process.env['SARA_STDERR_COLUMNS'];
if (columns !== undefined) Object.assign(process.stderr, { isTTY: true, columns: Number(columns) });

void runCommandLine(
  process.argv.slice(2),
  {
    openOutput: (json) => terminalOutput(json, process.stdout, process.stderr, () => performance.now(), process.stdin),
    openOperations,
    secret: readSecret,
    rateWith: measureInChild,
    version: appVersion,
  },
  controller.signal,
).then(end);

function stop(): void {
  // A second request does not wait for the running step.
  if (controller.signal.aborted) void end(exitCodes.cancelled);
  controller.abort();
}

async function end(code: number): Promise<void> {
  process.off('disconnect', stop);
  await leave(code, {
    async flush() {
      for (const stream of [process.stdout, process.stderr]) {
        await new Promise<void>((resolve) => stream.write('', () => resolve()));
      }
    },
    tell: process.connected
      ? (exitCode) =>
          new Promise((resolve) => {
            process.once('disconnect', resolve);
            process.send?.({ exitCode });
          })
      : undefined,
    kill: () => process.kill(process.pid, 'SIGKILL'),
    exit: (exitCode) => process.exit(exitCode),
  });
}
