import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainConfigSchema } from '../../../src-main/contract/requests.schema.ts';
import { projectSchema } from '../../../src-main/contract/settings.schema.ts';
import { listSamples, sampleProject } from '../../../src-main/workspace/sampleProjects.ts';

const folder = path.join(import.meta.dirname, '..', '..', '..', 'resources', 'samples');

describe('the sample projects', () => {
  it('have their data among the files that ship, and one of them its model too', () => {
    const samples = listSamples(folder);
    for (const sample of samples) expect(existsSync(sample.data), sample.data).toBe(true);
    const stories = samples.find((sample) => sample.id === 'stories');
    expect(stories?.downloadBytes).toBe(0);
    expect(existsSync(path.join(stories?.model ?? '', 'model.safetensors'))).toBe(true);
  });

  it.each(['stories', 'smollm2-e2e', 'smollm2-gsm8k'] as const)('%s needs no more than a model to be trained', (id) => {
    const project = sampleProject(id, folder);
    expect(projectSchema.parse(project)).toEqual(project);
    expect(existsSync(project.data?.validationPath ?? '')).toBe(true);
    const config = trainConfigSchema.parse({ ...project.config, model: '/m', data: project.data });
    expect(config.method.name).toBe('sara');
  });
});
