/** BENCHMARKS.md from the kept results. Pure. */
import { machineName } from './elsewhere.ts';
import { idleShare } from './load.ts';
import type { Comparison, MeasuredElsewhere, RowResult, Table } from './results.ts';
import type { Row } from './rows/row.ts';
import { rangeText, goalMet, goalText, missText, percent, ratioText, short } from './text.ts';

const markers = ['<!-- rows: npm run bench -->', '<!-- /rows -->'] as const;

/** What the page says of a row. */
export interface PageRow extends Pick<Row, 'id' | 'title' | 'about'> {
  /** Where it is not `npm run bench -- ID`. */
  readonly command?: string;
}

/**
 * The page with its generated part replaced; what stands outside the markers is written by hand.
 * @param rows in the order of the page
 * @param results by row id; rows without one are named as not measured
 * @param notes what was tried, by row id: see {@link sectionsOf}
 * @throws Error when the page has no markers
 */
export function writePage(
  page: string,
  rows: readonly PageRow[],
  results: ReadonlyMap<string, RowResult>,
  notes: ReadonlyMap<string, string>,
): string {
  const [before, rest] = page.split(markers[0]);
  const after = rest?.split(markers[1])[1];
  if (before === undefined || after === undefined) throw new Error(`The page has no ${markers.join(' … ')}.`);
  const parts = [
    summaryOf(rows, results),
    ...rows.map((row) => sectionOf(row, results.get(row.id), notes.get(row.id))),
  ];
  return `${before}${markers[0]}\n\n${parts.join('\n\n')}\n\n${markers[1]}${after}`;
}

/** Sections of a hand-written file, by the id in their heading `## id`. */
export function sectionsOf(text: string): Map<string, string> {
  const sections = new Map<string, string>();
  for (const part of text.split(/^## /m).slice(1)) {
    const [id = '', ...body] = part.split('\n');
    sections.set(id.trim(), body.join('\n').trim());
  }
  return sections;
}

function summaryOf(rows: readonly Pick<Row, 'id' | 'title'>[], results: ReadonlyMap<string, RowResult>): string {
  const lines = rows.flatMap(({ id, title }) =>
    (results.get(id)?.comparisons ?? [])
      .filter(({ goal }) => goal !== undefined)
      .map((one) => [`[${title}](#${id})`, ...cells(one), outcomeOf(one)]),
  );
  const missing = rows.filter(({ id }) => !results.has(id)).map(({ id }) => id);
  return [
    '## Goals',
    '',
    ...tableLines(['what', '', 'SARA Studio', 'PyTorch', 'ratio', 'pairs', 'goal', ''], lines),
    ...elsewhereTable(rows, results),
    ...(missing.length === 0 ? [] : ['', `Not measured yet: ${missing.join(', ')}.`]),
  ].join('\n');
}

/** The lines with a goal as they are on every machine that measured them, a column each. */
function elsewhereTable(
  rows: readonly Pick<Row, 'id' | 'title'>[],
  results: ReadonlyMap<string, RowResult>,
): readonly string[] {
  const measured = rows.flatMap(({ id, title }) => {
    const result = results.get(id);
    return result === undefined ? [] : [{ link: `[${title}](#${id})`, on: [result, ...(result.elsewhere ?? [])] }];
  });
  const machines = [...new Set(measured.flatMap(({ on }) => on.map(({ machine }) => machineName(machine))))];
  if (machines.length < 2) return [];
  const lines = measured.flatMap(({ link, on }) =>
    (on[0]?.comparisons ?? [])
      .filter(({ goal }) => goal !== undefined)
      .map(({ name }) => [link, name, ...machines.map((machine) => cellElsewhere(on, machine, name))]),
  );
  return ['', 'The same lines on each machine:', '', ...tableLines(['what', '', ...machines], lines)];
}

function cellElsewhere(measured: readonly MeasuredElsewhere[], machine: string, name: string): string {
  const found = measured.find((one) => machineName(one.machine) === machine);
  const line = found?.comparisons.find((one) => one.name === name);
  if (line === undefined) return '';
  const value =
    line.goal?.of === 'ratio' ? ratioText(line.ratio?.ofMedians ?? NaN) : `${short(line.ours.median)} ${line.unit}`;
  return [value, outcomeOf(line)].filter((part) => part !== '').join(', ');
}

/** A row on another machine, in one sentence. */
function elsewhereText({ date, commit, machine, comparisons }: MeasuredElsewhere): string {
  const lines = comparisons.map(({ name, unit, ours, ratio }) =>
    ratio === undefined
      ? `${name} ${short(ours.median)} ${unit}`
      : `${name} ${ratioText(ratio.ofMedians)} (pairs ${ratioText(ratio.low)} to ${ratioText(ratio.high)})`,
  );
  return `On ${machineName(machine)}, on ${date.slice(0, 10)} at commit ${commit}: ${lines.join('; ')}.`;
}

function sectionOf(
  { id, title, about, command = `npm run bench -- ${id}` }: PageRow,
  result: RowResult | undefined,
  notes: string | undefined,
): string {
  if (result === undefined) return `<a id="${id}"></a>\n\n## ${title}\n\n${about}\n\nNot measured yet.`;
  const { comparisons, charts = [], tables = [], notes: own = [] } = result;
  const blocks = [
    `<a id="${id}"></a>\n\n## ${title}`,
    about,
    provenance(result, command),
    ...(comparisons.length === 0 ? [] : [comparisonTable(comparisons).join('\n')]),
    ...agreedText(comparisons),
    ...comparisons.flatMap((one) => {
      const text = missText(one);
      return text === undefined ? [] : [`**${one.name}**: ${text}`];
    }),
    ...tables.map((table) => `**${table.title}**\n\n${tableOf(table)}`),
    ...charts.map(({ file, title: name }) => `![${name}](docs/benchmarks/${file})`),
    ...own,
    ...(result.elsewhere ?? []).filter((one) => one.comparisons.length > 0).map(elsewhereText),
    ...(notes === undefined ? [] : [`### What was tried\n\n${notes}`]),
  ];
  return blocks.join('\n\n');
}

/** Without a peer in any line its columns are left out. */
function comparisonTable(comparisons: readonly Comparison[]): string[] {
  const header = ['', 'SARA Studio', 'spread', 'PyTorch', 'spread', 'ratio of medians', 'of the best', 'pairs'];
  const columns = comparisons.some(({ peer }) => peer !== undefined) ? header.length : 3;
  return tableLines(
    header.slice(0, columns),
    comparisons.map((one) => fullCells(one).slice(0, columns)),
  );
}

/** What both sides agreed on, each wording once with the names it belongs to. */
function agreedText(comparisons: readonly Comparison[]): string[] {
  const names = new Map<string, string[]>();
  for (const { name, checked } of comparisons) {
    if (checked !== undefined) names.set(checked, [...(names.get(checked) ?? []), name]);
  }
  if (names.size === 0) return [];
  return [`Both sides agree: ${[...names].map(([text, of]) => `${text}: ${of.join(', ')}`).join('; ')}.`];
}

/** When, where from and on what. */
function provenance(
  { date, commit, changed, busyBefore, threads, machine, versions }: RowResult,
  command: string,
): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\`${command}\` on ${date.slice(0, 10)}, commit ${commit}${changed ? ' with changes' : ''}, ${machine.cpu} (${machine.cores} cores, ${machine.memoryGib} GiB), ${machine.gpu ?? 'no GPU'}, ${machine.system}, ${threads === undefined ? '' : `${threads} threads on both sides, `}cores busy before ${percent(busyBefore)}${busyBefore > idleShare ? ' (**the machine was not idle**)' : ''}.`,
    ...(list.length === 0 ? [] : [`${list.join(', ')}.`]),
  ].join(' ');
}

function cells({ name, unit, ours, peer, ratio, ...rest }: Comparison): string[] {
  const goal = rest.goal === undefined ? '' : goalText(rest.goal, { name, unit, ours, ...rest });
  return [
    name,
    `${short(ours.median)} ${unit}`,
    peer === undefined ? '' : short(peer.median),
    ratio === undefined ? '' : ratioText(ratio.ofMedians),
    ratio === undefined ? '' : `${ratioText(ratio.low)} to ${ratioText(ratio.high)}`,
    goal,
  ];
}

function outcomeOf(one: Comparison): string {
  const met = goalMet(one);
  return met === undefined ? '' : met ? 'met' : '**missed**';
}

function fullCells({ name, unit, ours, peer, ratio }: Comparison): string[] {
  return [
    name,
    `${short(ours.median)} ${unit}`,
    rangeText(ours),
    peer === undefined ? '' : `${short(peer.median)} ${unit}`,
    peer === undefined ? '' : rangeText(peer),
    ratio === undefined ? '' : ratioText(ratio.ofMedians),
    ratio === undefined ? '' : ratioText(ratio.ofBest),
    ratio === undefined ? '' : `${ratioText(ratio.low)} to ${ratioText(ratio.high)}`,
  ];
}

function tableOf({ header, rows }: Table): string {
  return tableLines(header, rows).join('\n');
}

function tableLines(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)];
}
