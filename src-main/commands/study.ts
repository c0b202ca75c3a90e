import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { studyFigure } from '../contract/figure/studyFigure.ts';
import { formatDuration } from '../contract/format.ts';
import { studyRunRequestSchema } from '../contract/studies.schema.ts';
import { studyTitles, type StudyEvent, type StudyResult } from '../contract/studies.ts';
import { studyCsv, studyTable, type StudyCell } from '../contract/studyTable.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { homeDirectory } from '../util/paths.ts';
import type { Command, CommandOutput } from './command.ts';
import { ablationSection, replacePart } from './experimentsPage.ts';
import { flag, number, text, validated, withoutUndefined } from './optionValues.ts';
import { rasterise } from './rasterise.ts';
import { studyFrom, studyNameFrom, studyOptions } from './studyOptions.ts';
import { table } from './terminal.ts';

/** The experiments behind the paper’s figures, for any model. */
export const study: Command = {
  name: 'study',
  usage: 'NAME MODEL...',
  positionals: 2,
  morePositionals: true,
  summary: 'Run one of the paper’s experiments on a model; what was computed before is not computed again.',
  options: {
    ...studyOptions,
    store: {
      type: 'string',
      value: 'FOLDER',
      description: 'Folder of finished points (default: studies in the workspace).',
    },
    limit: { type: 'string', value: 'N', description: 'Stop after N new points; the same command goes on.' },
    'no-result': { type: 'boolean', description: 'Keep the points, but no file with the result.' },
    page: {
      type: 'string',
      value: 'FILE',
      description: 'ablation: write the table and what follows from it into this Markdown page.',
    },
    section: { type: 'string', value: 'NAME', description: 'Name of the part of the page (default: the model’s).' },
    csv: { type: 'string', value: 'FILE', description: 'Write the table as CSV.' },
    svg: { type: 'string', value: 'FILE', description: 'Write the figure as SVG.' },
    png: { type: 'string', value: 'FILE', description: 'Write the figure as PNG.' },
  },
  notes: [
    'Studies:',
    ...Object.entries(studyTitles).map(([name, title]) => `  ${name.padEnd(11)} ${title}`),
    '',
    'threshold (with --data), relation, robustness and ablation train probes: short runs, each the same as sara train',
    'with its settings and seed. ablation takes its methods from --config.',
  ],
  async run({ positionals, options, output, run }) {
    const [name, ...models] = positionals;
    const studyName = studyNameFrom(name);
    if (models.length > 1 && studyName !== 'scaling') {
      throw new AppError('USAGE', `The study ${studyName} takes one model.`);
    }
    const settings = await studyFrom(studyName, models, options, (label) =>
      output.note(`Left out: ${label}, a method that this version does not have.`),
    );
    const request = validated(
      studyRunRequestSchema,
      withoutUndefined({
        study: settings,
        store: text(options, 'store') ?? path.join(homeDirectory(), 'studies'),
        maxNewPoints: number(options, 'limit'),
        keepResult: flag(options, 'no-result') ? false : undefined,
      }),
      { maxNewPoints: '--limit', store: '--store' },
    );
    const result = await run('study.run', request, reporter(output));
    await writeFiles(result, options, output);
    await writePage(result, options, output);
    if (output.json) output.value(result);
    else showTable(result, output);
  },
};

type Options = Parameters<Command['run']>[0]['options'];

async function writeFiles(result: StudyResult, options: Options, output: CommandOutput): Promise<void> {
  const csv = text(options, 'csv');
  if (csv !== undefined) {
    await writeFileAtomic(csv, studyCsv(studyTable(result)));
    output.note(`Table: ${csv}`);
  }
  const svg = text(options, 'svg');
  if (svg !== undefined) {
    await writeFileAtomic(svg, studyFigure(result));
    output.note(`Figure: ${svg}`);
  }
  const png = text(options, 'png');
  if (png !== undefined) {
    await writeFileAtomic(png, await rasterise(studyFigure(result)));
    output.note(`Figure: ${png}`);
  }
}

/** The part of a page that belongs to an ablation is made anew from its result. */
async function writePage(result: StudyResult, options: Options, output: CommandOutput): Promise<void> {
  const page = text(options, 'page');
  if (page === undefined) return;
  if (result.study !== 'ablation') throw new AppError('USAGE', '--page takes the result of an ablation.');
  const name = text(options, 'section') ?? result.models[0]?.name ?? 'model';
  const model = path.basename(result.settings.model);
  const command = `sara study ablation ${model} --config ${text(options, 'config') ?? 'FILE'}`;
  const before = await readFile(page, 'utf8').catch(() => '');
  await writeFileAtomic(page, replacePart(before, name, ablationSection(result, command)));
  output.note(`Page: ${page}`);
}

function showTable(result: StudyResult, output: CommandOutput): void {
  const { columns, rows } = studyTable(result);
  output.line(
    table(
      columns,
      rows.map((row) => row.map(shortened)),
    ),
  );
  const { total, reused, complete } = result.points;
  if (result.study === 'relation' && result.correlations !== undefined) {
    const { spearman, pearson, kendall } = result.correlations;
    const words = [
      ['Spearman', spearman],
      ['Pearson', pearson],
      ['Kendall', kendall],
    ] as const;
    output.line('');
    for (const [label, { value, low, high }] of words) {
      output.line(`${label} ${value.toFixed(3)}, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`);
    }
  }
  output.line('');
  if (total > 0) {
    output.line(
      `${total} points, ${reused} of them known before; ${formatDuration(result.seconds)}.` +
        (complete ? '' : ' Not complete: the same command goes on.'),
    );
  }
  if (result.file !== undefined) output.line(`Result: ${result.file}`);
}

function shortened(value: StudyCell): string {
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}

function reporter(output: CommandOutput): (event: StudyEvent) => void {
  let points = { done: 0, total: 0, eta: '' };
  return (event) => {
    if (event.event === 'points') {
      const eta = event.etaSeconds === undefined ? '' : `, ${formatDuration(event.etaSeconds)} left`;
      points = { done: event.done, total: event.total, eta };
      const { probe, text: place } = event;
      if (probe === undefined) return;
      const loss = probe.loss === null ? 'not finite' : probe.loss.toFixed(4);
      output.note(`${event.done}/${event.total} ${place ?? ''}: loss ${loss}, ${probe.seconds.toFixed(1)} s${eta}`);
    } else if (event.event === 'phase') {
      const { done, total, eta } = points;
      const within = event.fraction ?? 0;
      const share = event.phase === 'computing' && total > 0 ? (done + within) / total : event.fraction;
      output.progress(`${event.phase} ${event.text ?? ''}${total > 0 ? ` (${done} of ${total}${eta})` : ''}`, share);
    } else if (event.event === 'note') {
      output.note(event.text);
    }
  };
}
