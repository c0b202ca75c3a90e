import { probedModel } from './probedModel.ts';
import { bestCell, runGrid, type GridCells } from './probeGrid.ts';
import type { FindingsOf, StudyFunction } from './study.ts';

/** Methods side by side, each over learning rates and seeds. */
export const ablation: StudyFunction<'ablation'> = async (settings, context, finish) =>
  probedModel(settings.model, context, async (bench, models) => {
    const groups = settings.methods.map(({ label, method, learningRates }) => ({
      label,
      method,
      learningRates: learningRates ?? settings.learningRates,
      targets: settings.targets,
    }));
    const findings = (cells: GridCells): FindingsOf<'ablation'> => ({
      rows: settings.methods.map(({ label, method }, i) => {
        const own = cells[i] ?? [];
        const best = bestCell(own);
        return { label, method, cells: own, ...(best === undefined ? {} : { best }) };
      }),
    });
    const { seeds, probe } = settings;
    const cells = await runGrid(bench, { groups, seeds, probe }, context, (partial) =>
      context.emit({ event: 'partial', result: finish(models, findings(partial)) }),
    );
    return finish(models, findings(cells));
  });
