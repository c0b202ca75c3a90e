import { atEdge, bestOf, compareMethods, type AblationComparison } from '../contract/ablationVerdict.ts';
import { formatCount } from '../contract/format.ts';
import { saraSchema } from '../contract/methods.schema.ts';
import type { AblationResult, AblationRow, ProbeCell } from '../contract/studies.ts';

/**
 * The part of a Markdown page that tells of one ablation: settings, table, what may be said of it. Everything is
 * computed from the result.
 * @param command what made it
 */
export function ablationSection(result: AblationResult, command: string): string {
  const started = result.rows.some(({ cells }) => cells.some(({ probes }) => probes.length > 0));
  return [
    ...settingsOf(result, command),
    ...(started
      ? ['', ...bestTable(result), '', ...gridTable(result), '', ...statements(result)]
      : ['', 'No point has been computed yet.']),
  ].join('\n');
}

/**
 * A page with one part replaced: what stands between `<!-- study: NAME -->` and `<!-- end of study: NAME -->`. A page
 * without these marks gets the part at its end.
 */
export function replacePart(page: string, name: string, part: string): string {
  const begin = `<!-- study: ${name} -->`;
  const end = `<!-- end of study: ${name} -->`;
  const whole = `${begin}\n\n${part}\n\n${end}`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) return `${page.trimEnd()}\n\n${whole}\n`;
  return page.slice(0, from) + whole + page.slice(to + end.length);
}

function settingsOf(
  { settings, models, points, createdAt, appVersion, rows }: AblationResult,
  command: string,
): string[] {
  const { probe, seeds } = settings;
  const [first] = rows.flatMap(({ cells }) => cells.flatMap(({ probes }) => probes));
  const [model] = models;
  const base = first === undefined ? '' : ` Held-out loss of the base model: ${first.baseLoss.toFixed(4)}.`;
  const counts =
    first === undefined
      ? ''
      : ` ${first.trainRows} training rows, ${first.heldOutRows} held-out rows of other meanings.`;
  return [
    '```sh',
    command,
    '```',
    '',
    `${model?.name ?? ''} (weights \`${(model?.hash ?? '').slice(0, 12)}\`, ${formatCount(model?.parameters ?? 0)} parameters); ` +
      `a probe is ${probe.steps} steps of ${probe.batchSize * probe.accumulation} rows, ${probe.schedule} schedule, ` +
      `weight decay ${probe.weightDecay}, gradient norm cut at ${probe.clipNorm}, template ${probe.data.template}.${counts}${base}`,
    '',
    `${points.complete ? `${points.total} points` : `**${donePoints(rows)} of ${points.total} points so far**`}, seeds ` +
      `${seeds.join(', ')}; SARA Studio ${appVersion}, ${createdAt.slice(0, 10)}.`,
  ];
}

function donePoints(rows: readonly AblationRow[]): number {
  return new Set(rows.flatMap(({ cells }) => cells.flatMap(({ probes }) => probes.map(({ key }) => key)))).size;
}

/** Each method at its best learning rate, the best first. */
function bestTable({ rows }: AblationResult): string[] {
  const ordered = rows.toSorted((a, b) => (bestOf(a)?.mean ?? Infinity) - (bestOf(b)?.mean ?? Infinity));
  return markdownTable(
    ['method', 'trainable', 'best learning rate', 'held-out loss', 'least to most'],
    ordered.map((row) => {
      const best = bestOf(row);
      const trainable = row.cells.flatMap(({ probes }) => probes)[0]?.trainable;
      if (best === undefined) return [row.label, trainable === undefined ? '–' : formatCount(trainable), '–', '–', '–'];
      const losses = best.probes.flatMap(({ loss }) => loss ?? []);
      return [
        row.label,
        trainable === undefined ? '–' : formatCount(trainable),
        `${best.learningRate}${atEdge(row) ? ' (edge of its grid)' : ''}`,
        withSpread(best),
        `${Math.min(...losses).toFixed(4)} to ${Math.max(...losses).toFixed(4)}`,
      ];
    }),
  );
}

/** All cells. */
function gridTable({ rows }: AblationResult): string[] {
  const rates = [...new Set(rows.flatMap(({ cells }) => cells.map(({ learningRate }) => learningRate)))].toSorted(
    (a, b) => a - b,
  );
  return [
    'Every learning rate (mean ± standard deviation over seeds; ∞: a seed became not finite):',
    '',
    ...markdownTable(
      ['method', ...rates.map(String)],
      rows.map(({ label, cells }) => [
        label,
        ...rates.map((rate) => {
          const cell = cells.find(({ learningRate }) => learningRate === rate);
          return cell === undefined ? '' : withSpread(cell);
        }),
      ]),
    ),
  ];
}

function withSpread({ mean, deviation, missing, probes }: ProbeCell): string {
  if (mean === undefined) return probes.length === 0 ? '–' : '∞';
  const spread = deviation === undefined ? '' : ` ± ${deviation.toFixed(4)}`;
  return `${mean.toFixed(4)}${spread}${missing > 0 ? ` (${probes.length} of ${probes.length + missing} seeds)` : ''}`;
}

function statements(result: AblationResult): string[] {
  const comparisons = compareMethods(result);
  const reference = comparisons[0]?.reference;
  const edges = result.rows.filter(atEdge).map(({ label }) => label);
  return [
    ...(reference === undefined
      ? []
      : [
          `Against “${reference}”, each method at its own best learning rate, paired by seed (difference of held-out loss in ` +
            'nats per token, 95 % interval of the paired t; the learning rate was chosen on the same held-out rows):',
          '',
          ...comparisons.map(sentence),
          '',
        ]),
    ...defaultSentence(result),
    ...(edges.length === 0
      ? []
      : ['', `The best learning rate of ${edges.join('; ')} is the edge of the grid: a better one may lie outside.`]),
  ];
}

function sentence({ label, difference, interval, verdict, seeds, parameters }: AblationComparison): string {
  const amount = `${signed(difference)}${interval === undefined ? '' : ` (${signed(interval[0])} to ${signed(interval[1])})`}`;
  const words = {
    better: 'lower loss than the reference.',
    worse: 'does not win: its loss is higher than the reference’s.',
    undecided: seeds < 2 ? 'one seed shows nothing yet.' : 'no difference can be shown with these seeds.',
  };
  // Only methods of about the reference's size are a fair match.
  const unequal =
    parameters < 0.9 || parameters > 1.1
      ? ` It has ${parameters.toPrecision(2)} times the reference’s parameters.`
      : '';
  return `- ${label}: ${amount}, ${words[verdict]}${unequal}`;
}

/** What the table says of SARA's default start. */
function defaultSentence({ rows }: AblationResult): string[] {
  const chosen = saraSchema.parse({ name: 'sara' });
  const sara = rows.flatMap((row) => (row.method.name === 'sara' ? [{ row, method: row.method }] : []));
  const isDefault = ({ method }: (typeof sara)[number]): boolean =>
    method.init === chosen.init && method.lambdaLearningRateMultiplier === chosen.lambdaLearningRateMultiplier;
  const own = sara.find(isDefault)?.row;
  const best = sara
    .map(({ row }) => row)
    .toSorted((a, b) => (bestOf(a)?.mean ?? Infinity) - (bestOf(b)?.mean ?? Infinity))[0];
  const ownCell = own && bestOf(own);
  const bestCell = best && bestOf(best);
  if (own === undefined || best === undefined || ownCell?.mean === undefined || bestCell?.mean === undefined) return [];
  const name = `The app’s default (${chosen.init}, λ × ${chosen.lambdaLearningRateMultiplier})`;
  if (own === best) return [`${name} has the least mean loss of the SARA variants.`];
  return [
    `${name} is not the best SARA variant here: “${best.label}” is ${signed(bestCell.mean - ownCell.mean)} nats per token apart.`,
  ];
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [header, header.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`);
}
