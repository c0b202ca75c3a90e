import type { StudyResult } from '../studies.ts';
import { ablationFigure } from './ablationFigure.ts';
import { overviewFigure } from './overviewFigure.ts';
import { relationFigure } from './relationFigure.ts';
import { robustnessFigure } from './robustnessFigure.ts';
import { scalingFigure } from './scalingFigure.ts';
import { spectraFigure } from './spectraFigure.ts';
import { lightFigure, type FigureTheme } from './theme.ts';
import { thresholdFigure } from './thresholdFigure.ts';

/** The figure of a study as SVG; of a study that is not complete, as far as it goes. */
export function studyFigure(result: StudyResult, theme: FigureTheme = lightFigure): string {
  switch (result.study) {
    case 'overview':
      return overviewFigure(result, theme);
    case 'threshold':
      return thresholdFigure(result, theme);
    case 'relation':
      return relationFigure(result, theme);
    case 'heads':
    case 'merged':
    case 'QVmerged':
      return spectraFigure(result, theme);
    case 'robustness':
      return robustnessFigure(result, theme);
    case 'scaling':
      return scalingFigure(result, theme);
    case 'ablation':
      return ablationFigure(result, theme);
  }
}
