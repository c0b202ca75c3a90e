import type { RobustnessGroup, RobustnessSpread } from '../contract/studies.ts';
import type { LoraConfig, MethodConfig } from '../contract/requests.schema.ts';
import type { RobustnessStudy } from '../contract/studies.schema.ts';
import { trainConfigSchema } from '../contract/requests.schema.ts';
import type { ProbeBench } from './probeBench.ts';
import { probedModel } from './probedModel.ts';
import { bestCell, runGrid, type GridCells } from './probeGrid.ts';
import type { FindingsOf, StudyFunction } from './study.ts';

/** SARA against LoRA at equal budget: the spread over seeds, learning rates and shares of the training rows. */
export const robustness: StudyFunction<'robustness'> = async (settings, context, finish) =>
  probedModel(settings.model, context, async (bench, models) => {
    const { targets, seeds, probe, learningRates } = settings;
    const rows = await trainingRows(bench, settings);
    const variants = methodsOf(settings).flatMap(({ label, method }) =>
      settings.fractions.map((fraction) => ({ label, method, fraction })),
    );
    const groups = variants.map(({ label, method, fraction }) => ({
      label: `${label}, ${fraction} of the rows`,
      method,
      learningRates,
      targets,
      maxRows: fraction === 1 ? probe.data.maxRows : Math.max(1, Math.round(fraction * rows)),
    }));
    const findings = (cells: GridCells): FindingsOf<'robustness'> => {
      const own = variants.map((variant, i): RobustnessGroup => ({ ...variant, cells: cells[i] ?? [] }));
      return { groups: own, spreads: own.map(spreadOf) };
    };
    const cells = await runGrid(bench, { groups, seeds, probe }, context, (partial) =>
      context.emit({ event: 'partial', result: finish(models, findings(partial)) }),
    );
    return finish(models, findings(cells));
  });

function methodsOf({ method }: RobustnessStudy): { label: string; method: MethodConfig }[] {
  const { threshold, measure, granularity, floor, cap, dropout } = method;
  const lora: LoraConfig = {
    name: 'lora',
    rank: 8,
    alpha: 16,
    budget: { threshold, measure, granularity, floor, cap },
    dropout,
  };
  return [
    { label: 'SARA', method },
    { label: 'LoRA at equal budget', method: lora },
  ];
}

/** Rows that all of the data has for training. */
async function trainingRows(bench: ProbeBench, { probe, method, seeds }: RobustnessStudy): Promise<number> {
  const config = trainConfigSchema.parse({
    ...probe,
    data: { rowSeed: seeds[0], ...probe.data },
    model: bench.model.summary.path,
    method,
  });
  return (await bench.data(config)).train.length;
}

function spreadOf({ label, fraction, cells }: RobustnessGroup): RobustnessSpread {
  const index = bestCell(cells);
  const best = index === undefined ? undefined : cells[index];
  const means = cells.flatMap(({ mean }) => mean ?? []);
  return {
    label,
    fraction,
    ...(best?.mean === undefined
      ? {}
      : {
          best: {
            learningRate: best.learningRate,
            mean: best.mean,
            ...(best.deviation === undefined ? {} : { deviation: best.deviation }),
          },
        }),
    ...(means.length > 0 && means.length === cells.length
      ? { overLearningRates: Math.max(...means) - Math.min(...means) }
      : {}),
  };
}
