import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { studyFigure } from '../contract/figure/studyFigure.ts';
import { formatDuration } from '../contract/format.ts';
import { studyRunRequestSchema } from '../contract/studies.schema.ts';
import { studyTitles, type StudyEvent, type StudyName, type StudyResult } from '../contract/studies.ts';
import { comparable, comparisonFigure, comparisonTable } from '../contract/studyComparison.ts';
import { studyCsv, studyTable, type StudyCell, type StudyTable } from '../contract/studyTable.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { homeDirectory } from '../util/paths.ts';
import type { Command, CommandCall, CommandOutput } from './command.ts';
import { ablationSection, replacePart } from './experimentsPage.ts';
import { flag, number, text, validated, withoutUndefined } from './optionValues.ts';
import { preparingText } from './phaseText.ts';
import { rasterise } from './rasterise.ts';
import { studyFrom, studyNameFrom, studyOptions } from './studyOptions.ts';
import { table } from './terminal.ts';

/** The experiments behind the paper’s figures, for any model. */
export const study: Command = {
  name: 'study',
  usage: 'NAME MODEL... | compare RESULT RESULT | list',
  positionals: 1,
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
  async run(call) {
    const [name, ...rest] = call.positionals;
    if (name?.toLowerCase() === 'compare') return compare(rest, call);
    if (name?.toLowerCase() === 'list') return list(call);
    const { options, output } = call;
    const result = await runStudy(studyNameFrom(name), rest, call);
    await writeFiles(studyTable(result), () => studyFigure(result), options, output);
    await writePage(result, options, output);
    if (output.json) output.value(result);
    else showResult(result, output);
  },
};

async function runStudy(
  name: StudyName,
  models: readonly string[],
  { options, output, run }: CommandCall,
): Promise<StudyResult> {
  if (models.length === 0) throw new AppError('USAGE', `The study ${name} needs a model: sara study ${name} MODEL.`);
  if (models.length > 1 && name !== 'scaling') throw new AppError('USAGE', `The study ${name} takes one model.`);
  const settings = await studyFrom(name, models, options, (label) =>
    output.note(`Left out: ${label}, a method that this version does not have.`),
  );
  const request = validated(
    studyRunRequestSchema,
    withoutUndefined({
      study: settings,
      store: storeFrom(options),
      maxNewPoints: number(options, 'limit'),
      keepResult: flag(options, 'no-result') ? false : undefined,
    }),
    { maxNewPoints: '--limit', store: '--store' },
  );
  return run('study.run', request, reporter(output));
}

/** Two results that were kept, side by side. */
async function compare(files: readonly string[], { options, output, run }: CommandCall): Promise<void> {
  const [first, second] = files;
  if (first === undefined || second === undefined || files.length > 2) {
    throw new AppError('USAGE', 'sara study compare needs two results; sara study list shows those that are kept.');
  }
  const [a, b] = [await run('study.open', { path: first }), await run('study.open', { path: second })];
  if (!comparable(a, b)) {
    throw new AppError(
      'USAGE',
      `${first} is a study of ${a.study}, ${second} of ${b.study}: only results of one study can be compared.`,
    );
  }
  const compared = comparisonTable(a, b);
  await writeFiles(compared, () => comparisonFigure(a, b), options, output);
  if (output.json) output.value({ study: a.study, first: a, second: b, table: compared });
  else output.line(tableText(compared));
}

/** The results that are kept. */
async function list({ options, output, run }: CommandCall): Promise<void> {
  const results = await run('study.list', { store: storeFrom(options) });
  if (output.json) return output.value(results);
  const rows = results.map(({ createdAt, study: name, models, points, path: file }) => [
    createdAt.slice(0, 16).replace('T', ' '),
    name,
    models.join(', '),
    String(points),
    file,
  ]);
  output.line(table(['made', 'study', 'models', 'points', 'result'], rows));
}

function storeFrom(options: Options): string {
  return text(options, 'store') ?? path.join(homeDirectory(), 'studies');
}

type Options = Parameters<Command['run']>[0]['options'];

async function writeFiles(
  content: StudyTable,
  figure: () => string,
  options: Options,
  output: CommandOutput,
): Promise<void> {
  const csv = text(options, 'csv');
  if (csv !== undefined) {
    await writeFileAtomic(csv, studyCsv(content));
    output.note(`Table: ${csv}`);
  }
  const svg = text(options, 'svg');
  if (svg !== undefined) {
    await writeFileAtomic(svg, figure());
    output.note(`Figure: ${svg}`);
  }
  const png = text(options, 'png');
  if (png !== undefined) {
    await writeFileAtomic(png, await rasterise(figure()));
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

function tableText({ columns, rows }: StudyTable): string {
  return table(
    columns,
    rows.map((row) => row.map(shortened)),
  );
}

function showResult(result: StudyResult, output: CommandOutput): void {
  output.line(tableText(studyTable(result)));
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
    } else if (event.event === 'phase' && event.phase === 'preparing') {
      output.progress(preparingText(event), event.fraction);
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
