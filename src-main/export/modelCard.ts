import { basename } from 'node:path';
import { formatCount, formatShare } from '../contract/format.ts';
import type { RunRecord } from '../contract/training.ts';
import { methodOf } from '../methods/registry.ts';
import { frozenGateNote } from './frozenGates.ts';
import type { ExportedRun, ExportSource } from './exportPlan.ts';

/**
 * README.md of an exported model: the front matter that the Hugging Face hub reads, then how the model came to be.
 * Source: https://huggingface.co/docs/hub/model-cards
 */
export function modelCard(source: ExportSource, library: 'transformers' | 'gguf' = 'transformers'): string {
  return [
    ...frontMatter(source, library, 'finetune'),
    '',
    `# ${source.name}`,
    '',
    source.run === undefined
      ? 'A copy of its base model in another form.'
      : 'A fine-tuned model whose adapter was merged into the weights: it loads like its base model and runs as fast.',
    '',
    ...factsTable(source),
    '',
    reportHint,
    '',
  ].join('\n');
}

export const reportHint =
  '`export_report.json` beside this file holds the hashes of the files and the comparison with what they were made from.';

/** What the hub reads of a README. */
export function frontMatter(
  { model: { summary }, run }: ExportSource,
  library: string,
  relation: 'finetune' | 'adapter',
): string[] {
  return [
    '---',
    ...(isHubName(summary.name) ? [`base_model: ${JSON.stringify(summary.name)}`] : []),
    ...(run === undefined || !isHubName(summary.name) ? [] : [`base_model_relation: ${relation}`]),
    ...(summary.licence === undefined ? [] : licenceLines(summary.licence)),
    `library_name: ${library}`,
    'pipeline_tag: text-generation',
    'tags:',
    '- sara-studio',
    ...(run === undefined ? [] : [`- ${run.record.config.method.name}`]),
    '---',
  ];
}

/** The hub refuses a card whose base cannot be a repository, such as `llama3.2:1b`. */
function isHubName(name: string): boolean {
  return /^[\w.-]+(\/[\w.-]+)?$/.test(name);
}

/** Names of licences that the hub knows, as far as models here have them; it refuses cards with any other. */
const hubLicences = new Set([
  ...['apache-2.0', 'mit', 'bsd-2-clause', 'bsd-3-clause', 'isc', 'mpl-2.0', 'cc0-1.0', 'unlicense', 'wtfpl'],
  ...['cc-by-4.0', 'cc-by-sa-4.0', 'cc-by-nc-4.0', 'cc-by-nc-sa-4.0', 'cc-by-nc-nd-4.0', 'cc-by-3.0', 'cc-by-sa-3.0'],
  ...['gpl-2.0', 'gpl-3.0', 'lgpl-3.0', 'agpl-3.0', 'gemma', 'llama2', 'llama3', 'llama3.1', 'llama3.2', 'llama3.3'],
  ...['openrail', 'bigscience-openrail-m', 'bigscience-bloom-rail-1.0', 'bigcode-openrail-m', 'creativeml-openrail-m'],
  ...['odc-by', 'odbl', 'artistic-2.0', 'bsl-1.0', 'zlib', 'other', 'unknown'],
]);

function licenceLines(licence: string): string[] {
  const known = licence.toLowerCase();
  if (hubLicences.has(known)) return [`license: ${known}`];
  return ['license: other', `license_name: ${JSON.stringify(licence)}`];
}

/** The facts as a table: of the base always, of the training where there was one. */
export function factsTable({ model: { summary }, run, frozenGates, appVersion }: ExportSource): string[] {
  const facts: readonly (readonly [string, string])[] = [
    ['Base model', `${summary.name} (${summary.family}, ${formatCount(summary.parameters)} parameters)`],
    ['Licence of the base', summary.licence ?? 'not stated in its files'],
    ...(run === undefined ? [] : trainingFacts(run, summary.parameters)),
    ...(frozenGates === undefined ? [] : [['Gates', frozenGateNote(frozenGates)] as const]),
    ['Made with', `SARA Studio ${appVersion}`],
  ];
  return ['| | |', '|---|---|', ...facts.map(([key, value]) => `| ${key} | ${value.replaceAll('|', '\\|')} |`)];
}

function compression({ compressed }: RunRecord): [string, string][] {
  if (compressed === undefined) return [];
  return [
    [
      'Compressed',
      `each adapter cut to ${formatShare(compressed.energy)} of its energy, after step ${compressed.step}`,
    ],
  ];
}

function trainingFacts({ record, step }: ExportedRun, parameters: number): [string, string][] {
  const ranks = record.ranks.map((matrix) => matrix.rank);
  const { config } = record;
  return [
    ['Weights hash of the base', `\`${record.model.hash}\``],
    ['Data', basename(config.data.path)],
    ['Method', record.compressed?.method ?? methodOf(config.method).describe(config.method)],
    ...compression(record),
    [
      'Ranks',
      ranks.length === 0 ? 'none' : `${Math.min(...ranks)} to ${Math.max(...ranks)} over ${ranks.length} matrices`,
    ],
    ['Trained parameters', `${formatCount(record.trainable)} (${formatShare(record.trainable / parameters)})`],
    ['Steps', `${step} of ${record.totalSteps}, ${config.batchSize} × ${config.accumulation} rows each`],
    ['Learning rate', `${config.learningRate} (${config.schedule}, ${config.warmupSteps} warm-up steps)`],
    ['Seed', String(config.seed)],
    ...(record.baseLoss === null
      ? []
      : [['Held-out loss of the base', record.baseLoss.toFixed(4)] as [string, string]]),
    ...(record.best === null
      ? []
      : [['Best held-out loss', `${record.best.loss.toFixed(4)} at step ${record.best.step}`] as [string, string]]),
  ];
}
