import { statSync } from 'node:fs';
import path from 'node:path';
import { agreement, describeAgreement } from '../agreement.ts';
import { comparison } from '../comparison.ts';
import type { BenchContext } from '../context.ts';
import type { JobOf } from '../jobs.ts';
import { haveMemoryAtHand } from '../memoryAtHand.ts';
import { sampleGguf, sampleModel } from '../materials.ts';
import type { Comparison } from '../results.ts';
import type { Side } from '../side.ts';
import type { Row } from './row.ts';

const megabyte = 1e6;
/** More than either side takes. */
const memory = 2 ** 31;
const tolerance = 1e-3;
/** "The capital of France is" */
const prompt = [504, 3575, 282, 4649, 314];

export const loading: Row = {
  id: 'loading',
  title: 'Loading',
  about:
    'SmolLM2-135M, model and tokenizer, from the files to the logits of the first token, in float32: libraries loaded already, and from the start of a process. Memory is the largest resident size of a process that did nothing else, less the weights as they lie in memory. Before each start another process has written to 2 GB and given them back, so that a virtual machine has them at hand.',
  async run(bench) {
    const folder = await sampleModel(bench);
    const weights = statSync(path.join(folder, 'model.safetensors')).size;
    const comparisons = [
      ...(await load(bench, 'safetensors', { kind: 'load', model: folder, prompt }, weights)),
      ...(await load(bench, 'GGUF', { kind: 'load', model: await sampleGguf(bench), prompt }, weights)),
    ];
    return { comparisons };
  },
};

async function load(bench: BenchContext, name: string, job: JobOf<'load'>, weights: number): Promise<Comparison[]> {
  bench.say(`  ${name}`);
  const samples = { ours: emptySamples(), peer: emptySamples() };
  let checked = '';
  for (let round = 0; round < (bench.quick ? 2 : 4); round += 1) {
    const facts = [];
    for (const side of ['ours', 'peer'] as const) {
      const own = samples[side];
      let opened: Side | undefined;
      haveMemoryAtHand(memory);
      try {
        opened = await bench[side](job);
        facts.push(opened.facts.values);
        own.warm.push(opened.facts.extra?.['seconds'] ?? NaN);
        own.cold.push(opened.openSeconds);
        own.peak.push((await opened.end()) / megabyte);
      } finally {
        opened?.kill();
      }
    }
    checked = describeAgreement(agreement(facts[0] ?? {}, facts[1] ?? {}, tolerance), tolerance);
  }
  const pair = { ours: samples.ours, peer: samples.peer };
  return [
    comparison({
      name: `${name} to first logits`,
      unit: 's',
      kind: 'cost',
      ours: pair.ours.warm,
      peer: pair.peer.warm,
      goal: { of: 'ratio', limit: 1 / 1.5 },
      checked,
    }),
    comparison({
      name: `${name}, from process start`,
      unit: 's',
      kind: 'cost',
      ours: pair.ours.cold,
      peer: pair.peer.cold,
    }),
    comparison({
      name: `${name}, memory beyond the weights`,
      unit: 'MB',
      kind: 'cost',
      ours: pair.ours.peak.map((peak) => peak - weights / megabyte),
      peer: pair.peer.peak.map((peak) => peak - weights / megabyte),
      goal: { of: 'value', limit: 300 },
    }),
  ];
}

function emptySamples(): { warm: number[]; cold: number[]; peak: number[] } {
  return { warm: [], cold: [], peak: [] };
}
