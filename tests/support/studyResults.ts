import { methodSchema } from '../../src-main/contract/methods.schema.ts';
import type { AblationResult, Probe, ProbeCell } from '../../src-main/contract/studies.ts';
import { ablationStudySchema } from '../../src-main/contract/studies.schema.ts';

const rates = [1e-3, 3e-3, 1e-2, 3e-2];

/** The result of an ablation with these losses, by method, learning rate and seed. */
export function ablationResult(
  methods: readonly {
    readonly label: string;
    readonly losses: readonly (readonly (number | null)[])[];
    readonly trainable?: number;
  }[],
): AblationResult {
  const settings = ablationStudySchema.parse({
    study: 'ablation',
    model: '/models/tiny',
    methods: methods.map(({ label }) => ({ label, method: { name: 'sara' } })),
    probe: { data: { path: '/data/rows.jsonl' } },
  });
  return {
    version: 1,
    study: 'ablation',
    settings,
    models: [{ path: '/models/tiny', name: 'tiny', family: 'llama', hash: 'abcdef0123456789', parameters: 1e6 }],
    createdAt: '2026-01-31T12:00:00.000Z',
    appVersion: '9.8.7',
    points: { total: 9, reused: 0, complete: true },
    seconds: 1,
    rows: methods.map(({ label, losses, trainable = 12_345 }) => {
      const cells = losses.map((own, i) => cellOf(rates[i] ?? NaN, own, label, trainable));
      const means = cells.map(({ mean }) => mean ?? Infinity);
      const least = Math.min(...means);
      return {
        label,
        method: methodSchema.parse({ name: 'sara' }),
        cells,
        ...(least < Infinity ? { best: means.indexOf(least) } : {}),
      };
    }),
  };
}

function cellOf(learningRate: number, losses: readonly (number | null)[], label: string, trainable: number): ProbeCell {
  const probes = losses.map((loss, seed): Probe => {
    return {
      key: `${label} ${learningRate} ${seed}`,
      method: methodSchema.parse({ name: 'sara' }),
      learningRate,
      seed,
      steps: 24,
      trainRows: 100,
      heldOutRows: 10,
      trainable,
      baseLoss: 2.5,
      loss,
      trainLoss: loss,
      seconds: 2,
    };
  });
  const finite = losses.flatMap((loss) => loss ?? []);
  if (finite.length < losses.length || losses.length === 0) return { learningRate, probes, missing: 0 };
  return { learningRate, probes, missing: 0, mean: finite.reduce((sum, loss) => sum + loss, 0) / finite.length };
}
