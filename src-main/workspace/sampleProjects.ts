/** The sample projects: models and data that ship with the app or are fetched on first use. */
import { access } from 'node:fs/promises';
import path from 'node:path';
import { trainConfigSchema } from '../contract/requests.schema.ts';
import type { SampleProject } from '../contract/routes.ts';
import type { Project } from '../contract/settings.schema.ts';

type SampleId = SampleProject['id'];

export interface SamplePlaces {
  /** `resources/samples` of the app. */
  readonly resources: string;
  /** Where `model.fetchSample` puts SmolLM2-135M-Instruct. */
  readonly smollm2: string;
}

interface Sample {
  readonly name: string;
  readonly model: 'stories260K' | 'smollm2';
  readonly data: string;
  readonly config: Project['config'];
}

/** Size of the wheel or of the hub's files that the first use of SmolLM2 fetches. */
const smollm2Bytes = 93_000_000;

const partialConfig = trainConfigSchema.partial();
/** Small enough for minutes on two cores; the learning rate of the zero-B start that trains well at this size. */
const smollm2Config = partialConfig.parse({
  method: { name: 'sara', threshold: 0.035 },
  steps: 24,
  batchSize: 8,
  sequenceLength: 256,
  learningRate: 3e-3,
  warmupSteps: 2,
  evaluateEvery: 8,
});

const samples: Readonly<Record<SampleId, Sample>> = {
  stories: {
    name: 'Stories',
    model: 'stories260K',
    data: 'e2e/train.jsonl',
    config: partialConfig.parse({
      method: { name: 'sara', threshold: 0.25 },
      steps: 60,
      batchSize: 8,
      sequenceLength: 256,
      learningRate: 3e-3,
      warmupSteps: 5,
      evaluateEvery: 20,
    }),
  },
  'smollm2-e2e': { name: 'Restaurants', model: 'smollm2', data: 'e2e/train.jsonl', config: smollm2Config },
  'smollm2-gsm8k': { name: 'School maths', model: 'smollm2', data: 'gsm8k/train.jsonl', config: smollm2Config },
};

/** The samples as the home view shows them. */
export async function listSamples(places: SamplePlaces): Promise<SampleProject[]> {
  const list: SampleProject[] = [];
  for (const [id, sample] of Object.entries(samples) as [SampleId, Sample][]) {
    const model = await modelOf(sample, places);
    list.push({
      id,
      ...(model === undefined ? {} : { model }),
      data: path.join(places.resources, sample.data),
      downloadBytes: model === undefined ? smollm2Bytes : 0,
    });
  }
  return list;
}

/** The wizard's state with a sample in it; `model` is missing while it has to be fetched. */
export async function sampleProject(id: SampleId, places: SamplePlaces): Promise<Project> {
  const sample = samples[id];
  const model = await modelOf(sample, places);
  return {
    version: 1,
    name: sample.name,
    step: 'model',
    ...(model === undefined ? {} : { model }),
    data: {
      path: path.join(places.resources, sample.data),
      validationShare: 0.1,
      // The story model knows no chat.
      template: sample.model === 'smollm2' ? 'chat' : 'plain',
      completionOnly: true,
      skipBadRows: false,
    },
    config: sample.config,
  };
}

async function modelOf(sample: Sample, places: SamplePlaces): Promise<string | undefined> {
  if (sample.model === 'stories260K') return path.join(places.resources, 'stories260K');
  return access(places.smollm2).then(
    () => places.smollm2,
    () => undefined,
  );
}
