import path from 'node:path';
import { comparison } from '../comparison.ts';
import { trainConfig } from '../context.ts';
import { inTurn, once } from '../inTurn.ts';
import { dataConfig, sampleModel } from '../materials.ts';
import type { Row } from './row.ts';

/** Of a merged float32 weight, relative to the largest of its matrix. */
const tolerance = 1e-6;

export const merging: Row = {
  id: 'merging',
  title: 'Merge and save',
  about:
    'SmolLM2-135M with a LoRA adapter of rank 8, merged and saved in float32, from the files to the files. The peer loads model and adapter, merge_and_unload() and save_pretrained(). Ours is the export of the app: it also carries tokenizer and licence over, reads everything again and compares the answers of the written model with the adapter’s; the second line is the time until all files are written.',
  async run(bench) {
    const model = await sampleModel(bench);
    const config = trainConfig({ ...dataConfig(bench, model, 'e2e', 8), steps: 1, learningRate: 1e-3 });
    const run = path.join(bench.folder, 'merge-run');
    const peft = path.join(bench.folder, 'merge-peft');
    const out = path.join(bench.folder, 'merged');
    await once(bench, { kind: 'adapter', config, run, peft });
    const job = { kind: 'merge', model, run, peft, out } as const;
    const turns = await inTurn(bench, job, { warmup: bench.quick ? 0 : 1, rounds: bench.quick ? 2 : 4, tolerance: 0 });
    const compared = await bench.peer({ kind: 'same-tensors', first: out, second: `${out}-peer` });
    const largest = compared.facts.extra?.['largest'] ?? NaN;
    await compared.end();
    if (!(largest <= tolerance)) throw new Error(`The merged weights differ by ${largest}.`);
    const checked = `merged weights within ${largest.toExponential(0)} (allowed ${tolerance.toExponential(0)})`;
    const peer = turns.peer.map(({ seconds }) => seconds);
    return {
      comparisons: [
        comparison({
          name: 'with proof',
          unit: 's',
          kind: 'cost',
          ours: turns.ours.map(({ seconds }) => seconds),
          peer,
          goal: { of: 'ratio', limit: 1 / 1.5 },
          checked,
        }),
        comparison({
          name: 'until written',
          unit: 's',
          kind: 'cost',
          ours: turns.ours.map(({ extra }) => extra?.['written'] ?? NaN),
          peer,
        }),
      ],
    };
  },
};
