import type { WeightPrecision } from '../../../src-main/contract/weightPrecision.ts';
import { comparison } from '../comparison.ts';
import type { BenchContext } from '../context.ts';
import { dataConfig, dataExamples, fixedBlocks, sampleModel } from '../materials.ts';
import type { Row } from './row.ts';

const rows = 128;

export const eightBit: Row = {
  id: 'eight-bit',
  title: 'Frozen weights in 8 bits',
  about: `What the setting q8 (blocks of 32 values of one byte with a scale) costs in accuracy and saves in memory: mean loss of SmolLM2-135M on the answers of ${rows} rows of E2E and on 8 blocks of 256 tokens of GSM8K, and the largest resident memory of the process that works them out. The model trained on neither. Ours alone.`,
  async run(bench) {
    const model = await sampleModel(bench);
    const comparisons = [];
    for (const { name, examples, batchSize } of [
      {
        name: 'E2E',
        examples: await dataExamples(bench, dataConfig(bench, model, 'e2e', rows), 'e2e-q8'),
        batchSize: 8,
      },
      { name: 'GSM8K', examples: await fixedBlocks(bench, model, 8), batchSize: 4 },
    ]) {
      const [full, packed] = [
        await lossWith(bench, 'float32', { model, examples, batchSize }),
        await lossWith(bench, 'q8', { model, examples, batchSize }),
      ];
      const cost = (what: string, unit: string, value: number) =>
        comparison({ name: `${name}, ${what}`, unit, kind: 'cost', ours: [value] });
      comparisons.push(
        cost('loss with float32', 'nats a token', full.loss),
        cost('loss with 8 bits', 'nats a token', packed.loss),
        cost('difference', 'nats a token', packed.loss - full.loss),
        cost('memory with float32', 'MB', full.peakBytes / 1e6),
        cost('memory with 8 bits', 'MB', packed.peakBytes / 1e6),
      );
    }
    return { comparisons };
  },
};

async function lossWith(
  bench: BenchContext,
  weights: WeightPrecision,
  job: { readonly model: string; readonly examples: string; readonly batchSize: number },
): Promise<{ readonly loss: number; readonly peakBytes: number }> {
  const side = await bench.ours({ kind: 'evaluation', ...job, weights });
  try {
    const loss = (await side.run(0)).values['loss'];
    if (typeof loss !== 'number') throw new TypeError('The evaluation gave no loss.');
    bench.say(`    ${weights}: loss ${loss.toFixed(5)}`);
    return { loss, peakBytes: await side.end() };
  } finally {
    side.kill();
  }
}
