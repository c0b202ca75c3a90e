import { expect, test } from 'vitest';
import { DriverLog, withChanges } from '../../../src-main/clusters/driverLog.ts';
import { sweepSchema } from '../../../src-main/contract/sweeps.schema.ts';
import { planTrials } from '../../../src-main/sweeps/planTrials.ts';
import { TrialBoard } from '../../../src-main/sweeps/trialBoard.ts';

/** 1,000 trials of 240 steps on 100 nodes, 1 s a step, told as the driver tells them: lines a second, reports every 2 s. */
test('a sweep of 1,000 trials on 100 nodes stays small: bytes of output, of the table, and of memory', () => {
  const sweep = sweepSchema.parse({
    config: { model: '/m', data: { path: '/d' }, method: { name: 'sara' }, steps: 240, evaluateEvery: 24 },
    space: {
      learningRate: { from: 1e-4, to: 1e-2, scale: 'log', steps: 20 },
      'method.threshold': { from: 0.01, to: 0.3, steps: 10 },
    },
    seeds: [0, 1, 2, 3, 4],
    stopping: { grace: 24 },
  });
  const trials = planTrials(sweep);
  expect(trials).toHaveLength(1000);
  const before = process.memoryUsage().heapUsed;
  const board = new TrialBoard(sweep, trials);
  const log = new DriverLog(({ t = [] }) => {
    for (const [number, changes] of t) board.set(number, withChanges(board.outcome(number), changes));
    board.takeChanged();
  });
  let bytes = 0;
  let lines = 0;
  const say = (t: readonly unknown[]): void => {
    const line = `@sara ${JSON.stringify({ n: ++lines, t })}\n`;
    bytes += line.length;
    log.feed(line);
  };
  for (let wave = 0; wave < 10; wave += 1) {
    const numbers = Array.from({ length: 100 }, (_, i) => wave * 100 + i + 1);
    say(
      numbers.map((number) => [
        number,
        { state: 'running', step: 0, totalSteps: 240, node: `node-${number % 100}`, trainable: 3_500_000, '=': [] },
      ]),
    );
    for (let step = 2; step <= 240; step += 2) {
      say(
        numbers.map((number) => {
          const loss = 2 + (((number * 37) % 101) / 101) * (1 / step) + Math.sin(number) / 10;
          return [
            number,
            { step, trainLoss: Number(loss.toFixed(5)), ...(step % 24 === 0 ? { '+': [[step, loss]] } : {}) },
          ];
        }),
      );
    }
    say(numbers.map((number) => [number, { state: 'done', seconds: 251.37 }]));
  }
  const result = board.result({ folder: '/s', createdAt: '', updatedAt: '' });
  expect(result.complete).toBe(true);
  const table = JSON.stringify(result.trials).length;
  const heap = process.memoryUsage().heapUsed - before;
  process.stdout.write(
    `${lines} lines, ${Math.round(bytes / 1000)} bytes a trial, table ${Math.round(table / 1000)} kB, heap ${Math.round(heap / 1e6)} MB\n`,
  );
  expect(bytes / 1000).toBeLessThan(20_000);
  expect(table).toBeLessThan(2e6);
  expect(heap).toBeLessThan(200e6);
});
