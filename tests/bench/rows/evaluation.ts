import { comparison, rates } from '../comparison.ts';
import { inTurn } from '../inTurn.ts';
import { dataConfig, dataExamples, fixedBlocks, sampleModel, tokensIn } from '../materials.ts';
import type { Row } from './row.ts';

export const evaluation: Row = {
  id: 'evaluation',
  title: 'Evaluation',
  about:
    'Mean loss of SmolLM2-135M without gradients, float32: blocks of 256 tokens with loss on all of them, and rows of E2E with loss on the answers alone, which the peer pads to the longest of each batch of 8.',
  async run(bench) {
    const model = await sampleModel(bench);
    const blocks = await fixedBlocks(bench, model, 8);
    const rows = await dataExamples(bench, dataConfig(bench, model, 'e2e', 64), 'e2e-evaluation');
    const comparisons = [];
    for (const { name, examples, batchSize } of [
      { name: 'blocks of 256', examples: blocks, batchSize: 4 },
      { name: 'E2E, useful tokens', examples: rows, batchSize: 8 },
    ]) {
      bench.say(`  ${name}`);
      const job = { kind: 'evaluation', model, examples, batchSize } as const;
      const turns = await inTurn(bench, job, { warmup: 1, rounds: bench.quick ? 2 : 5, tolerance: 1e-4 });
      const tokens = tokensIn(examples);
      comparisons.push(
        comparison({
          name,
          unit: 'tokens/s',
          kind: 'rate',
          ours: rates(turns.ours, tokens),
          peer: rates(turns.peer, tokens),
          goal: { of: 'ratio', limit: 1.25 },
          checked: turns.checked,
        }),
      );
    }
    return { comparisons };
  },
};
