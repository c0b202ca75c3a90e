import { comparison } from '../comparison.ts';
import type { Row } from './row.ts';

export const start: Row = {
  id: 'start',
  title: 'Start of the engine',
  about:
    'From the start of a process until the engine has said what it runs on, TensorFlow loaded; for the peer until torch, transformers and PEFT are imported.',
  async run(bench) {
    const seconds = { ours: [] as number[], peer: [] as number[] };
    for (let round = 0; round < (bench.quick ? 2 : 6); round += 1) {
      for (const side of ['ours', 'peer'] as const) {
        const opened = await bench[side]({ kind: 'start' });
        seconds[side].push(opened.openSeconds);
        await opened.end();
      }
    }
    return {
      comparisons: [
        comparison({
          name: 'ready',
          unit: 's',
          kind: 'cost',
          ours: seconds.ours,
          peer: seconds.peer,
          goal: { of: 'value', limit: 1.5 },
        }),
      ],
    };
  },
};
