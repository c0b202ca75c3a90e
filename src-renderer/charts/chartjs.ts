/** The parts of Chart.js in use, registered once, with the defaults that every chart here shares. */
import {
  BarController,
  BarElement,
  Chart,
  Filler,
  LineController,
  LineElement,
  LinearScale,
  LogarithmicScale,
  PointElement,
} from 'chart.js';
import { MatrixController, MatrixElement } from 'chartjs-chart-matrix';
import annotation from 'chartjs-plugin-annotation';
import zoom from 'chartjs-plugin-zoom';

Chart.register(
  BarController,
  BarElement,
  Filler,
  LineController,
  LineElement,
  LinearScale,
  LogarithmicScale,
  MatrixController,
  MatrixElement,
  PointElement,
  annotation,
  zoom,
);
Chart.defaults.animation = false;
Chart.defaults.responsive = true;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font.family = 'system-ui, sans-serif';
Chart.defaults.font.size = 11;

export { Chart };
