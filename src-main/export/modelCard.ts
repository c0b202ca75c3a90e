import { formatCount, formatShare } from '../contract/format.ts';
import type { ModelSummary } from '../contract/model.ts';
import type { MethodConfig } from '../contract/requests.schema.ts';
import type { RunRecord } from '../contract/training.ts';

/** What a model card is made of. */
export interface ModelCardFacts {
  readonly name: string;
  readonly base: ModelSummary;
  readonly run: RunRecord;
  readonly checkpointStep: number;
  readonly appVersion: string;
  /** File name of the training data, without its folder. */
  readonly dataName: string;
}

/**
 * README.md of a merged model: the front matter that the Hugging Face hub reads, then how the model came to be.
 * Source: https://huggingface.co/docs/hub/model-cards
 */
export function modelCard({ name, base, run, checkpointStep, appVersion, dataName }: ModelCardFacts): string {
  const ranks = run.ranks.map((matrix) => matrix.rank);
  const front = [
    '---',
    `base_model: ${JSON.stringify(base.name)}`,
    'base_model_relation: finetune',
    ...(base.licence === undefined ? [] : [`license: ${JSON.stringify(base.licence)}`]),
    'library_name: transformers',
    'pipeline_tag: text-generation',
    'tags:',
    '- sara-studio',
    `- ${run.config.method.name}`,
    '---',
  ];
  const facts: readonly (readonly [string, string])[] = [
    ['Base model', `${base.name} (${base.family}, ${formatCount(base.parameters)} parameters)`],
    ['Weights hash of the base', `\`${run.model.hash}\``],
    ['Licence of the base', base.licence ?? 'not stated in its files'],
    ['Data', dataName],
    ['Method', describeMethod(run.config.method)],
    [
      'Ranks',
      ranks.length === 0 ? 'none' : `${Math.min(...ranks)} to ${Math.max(...ranks)} over ${ranks.length} matrices`,
    ],
    ['Trained parameters', `${formatCount(run.trainable)} (${formatShare(run.trainable / base.parameters)})`],
    ['Steps', `${checkpointStep} of ${run.totalSteps}, ${run.config.batchSize} × ${run.config.accumulation} rows each`],
    ['Learning rate', `${run.config.learningRate} (${run.config.schedule}, ${run.config.warmupSteps} warm-up steps)`],
    ['Seed', String(run.config.seed)],
    ...(run.baseLoss === null ? [] : [['Held-out loss of the base', run.baseLoss.toFixed(4)] as const]),
    ...(run.best === null
      ? []
      : [['Best held-out loss', `${run.best.loss.toFixed(4)} at step ${run.best.step}`] as const]),
    ['Made with', `SARA Studio ${appVersion}`],
  ];
  const table = ['| | |', '|---|---|', ...facts.map(([key, value]) => `| ${key} | ${value.replaceAll('|', '\\|')} |`)];
  return [
    ...front,
    '',
    `# ${name}`,
    '',
    'A fine-tuned model whose adapter was merged into the weights: it loads like its base model and runs as fast.',
    '',
    ...table,
    '',
    '`export_report.json` beside this file holds the hashes of the files and the comparison with the adapter.',
    '',
  ].join('\n');
}

function describeMethod(method: MethodConfig): string {
  switch (method.name) {
    case 'sara':
      return (
        `SARA (arXiv 2408.03290), threshold ${method.threshold} of the ${method.measure === 'sum' ? 'sum' : 'energy'} of singular values, ` +
        `one rank per ${method.granularity}, init ${method.init}`
      );
    case 'lora':
      return `LoRA, rank ${method.rank}, alpha ${method.alpha}`;
  }
}
