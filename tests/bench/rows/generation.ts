import { comparison, rates } from '../comparison.ts';
import { inTurn } from '../inTurn.ts';
import { dataConfig, dataExamples, readRows, sampleModel } from '../materials.ts';
import type { Row } from './row.ts';

const newTokens = 64;

export const generation: Row = {
  id: 'generation',
  title: 'Generation',
  about: `Greedy continuation of prompts from E2E by ${newTokens} tokens with SmolLM2-135M, float32, key-value cache; end tokens do not stop it. The peer is generate() of transformers. Time includes reading the prompts.`,
  async run(bench) {
    const model = await sampleModel(bench);
    const rows = await dataExamples(bench, dataConfig(bench, model, 'e2e', 16), 'e2e-prompts');
    const prompts = readRows(rows).map(({ ids, loss }) => ids.slice(0, loss.indexOf(1)));
    const comparisons = [];
    for (const batch of [1, 8]) {
      bench.say(`  batch ${batch}`);
      const job = { kind: 'generation', model, prompts: prompts.slice(0, batch), newTokens } as const;
      const turns = await inTurn(bench, job, { warmup: 1, rounds: bench.quick ? 2 : 5, tolerance: 0 });
      comparisons.push(
        comparison({
          name: `batch ${batch}`,
          unit: 'tokens/s',
          kind: 'rate',
          ours: rates(turns.ours, batch * newTokens),
          peer: rates(turns.peer, batch * newTokens),
          goal: { of: 'ratio', limit: 1.5 },
          checked: turns.checked,
        }),
      );
    }
    return { comparisons };
  },
};
