import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';

const module = path.join(import.meta.dirname, '../../../src-main/setup/child.mjs');

/** Says its process and session, then waits to be told to end; a signal that it had to handle would be said too. */
const program = `
process.on('SIGINT', () => console.log('signal'));
process.on('message', () => process.send({ exitCode: 130 }));
process.on('disconnect', () => process.exit(0));
const stat = require('node:fs').readFileSync('/proc/self/stat', 'utf8');
console.log(process.pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
`;

describe.skipIf(process.platform !== 'linux')('the command line beside the program that computes', () => {
  it('is told of Ctrl-C by message: the program has a session of its own and handles no signal', async () => {
    // Bug: a handler's frame is written into the memory that a product of oneDNN works on.
    const starter = `import { runComputing } from ${JSON.stringify(module)};
      process.exit(await runComputing(process.execPath, ['-e', ${JSON.stringify(program)}], process.env));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', starter], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    await expect.poll(() => lines.length, { timeout: 20_000 }).toBe(1);
    const [pid, session] = lines[0]?.split(' ') ?? [];
    expect(session).toBe(pid);
    // As a terminal does it: to the whole group.
    process.kill(-(child.pid ?? 0), 'SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(lines).toHaveLength(1);
  });

  it('passes on what the program writes to stderr, without what TensorFlow says of its graphs', async () => {
    const notes = [
      'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
      'I0000 00:00:1.2 3 mlir_graph_optimization_pass.cc:401] MLIR V1 optimization pass is not enabled',
      'E0000 00:00:1.2 3 dependency_optimizer.cc:772] Iteration = 0, topological sort failed with message: The graph',
    ];
    const talking = `process.stderr.write('step 1\\n'); for (const note of ${JSON.stringify(notes)}) console.error(note);
      console.error('WARNING: the disk is full'); process.exitCode = 3;`;
    const starter = `import { runComputing } from ${JSON.stringify(module)};
      process.exit(await runComputing(process.execPath, ['-e', ${JSON.stringify(talking)}], process.env));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', starter], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    expect(await once(child, 'close')).toEqual([3, null]);
    expect(text).toBe('step 1\nWARNING: the disk is full\n');
  });
});
