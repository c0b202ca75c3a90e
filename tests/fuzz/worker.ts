/**
 * A process that tries inputs: `worker FORMAT FIRST COUNT FOLDER MARK`. It writes the seed at work and the number of inputs taken for sound into the file MARK, so
 * that whoever watches knows which input killed it, and sends what it found.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { formatOf } from './formats.ts';
import { inputOf, Trials } from './trial.ts';

/** What the worker sends. */
export type Message =
  | { readonly kind: 'fault'; readonly seed: number; readonly fault: string }
  | {
      readonly kind: 'done';
      readonly accepted: number;
      readonly slowest: number;
      readonly slowestSeed: number;
      readonly peakBytes: number;
    };

/** Every fault of one kind says the same; the first ones are enough. */
const faultsSent = 20;

async function work(): Promise<void> {
  const [format = '', first = '0', count = '0', folder = '', mark = ''] = process.argv.slice(2);
  const described = await formatOf(format, process.env['FUZZ_ROOT'] ?? process.cwd());
  const trials = new Trials(described, folder);
  const send = (message: Message): unknown => process.send?.(message);
  const place = openSync(mark, 'w');
  let [accepted, slowest, slowestSeed, faults] = [0, 0, -1, 0];
  for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
    writeSync(place, `${String(seed)} ${String(accepted)}`.padEnd(24), 0);
    const verdict = await trials.run(inputOf(described, seed));
    if (verdict.fault !== undefined && faults++ < faultsSent) send({ kind: 'fault', seed, fault: verdict.fault });
    if (verdict.accepted) accepted += 1;
    if (verdict.cpuSeconds > slowest) [slowest, slowestSeed] = [verdict.cpuSeconds, seed];
    // One fault of memory would be every later one's too.
    if (verdict.fault?.includes('in memory') === true) process.exit(3);
  }
  closeSync(place);
  send({ kind: 'done', accepted, slowest, slowestSeed, peakBytes: process.resourceUsage().maxRSS * 1024 });
  process.disconnect();
}

void work().catch((error: unknown) => {
  process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(4);
});
