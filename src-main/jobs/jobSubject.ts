import path from 'node:path';
import { exportFormats } from '../contract/exportFormats.ts';
import type { JobSubject } from '../contract/jobTitle.ts';
import type { Study } from '../contract/studies.schema.ts';
import type { JobInput } from './job.ts';

/** What the title of a job names. */
export function jobSubject(request: JobInput): JobSubject {
  switch (request.kind) {
    case 'model.fetchSample':
      return { subject: 'SmolLM2-135M-Instruct' };
    case 'analysis.run':
    case 'evaluate.run':
    case 'generate.run':
      return { subject: path.basename(request.input.model) };
    case 'train.run':
      return {
        subject: path.basename(request.input.config.model),
        other: path.basename(request.input.config.data.path),
      };
    case 'train.runOn':
      return { subject: path.basename(request.input.config.model), other: request.input.target };
    case 'train.resume':
    case 'gates.run':
    case 'calibrate.run':
    case 'adapter.compress':
      return { subject: path.basename(request.input.run) };
    case 'evaluate.task':
      return { subject: path.basename(request.input.model), other: request.input.task };
    case 'data.check':
      return { subject: path.basename(request.input.data.path) };
    case 'export.run':
      return { subject: path.basename(request.input.run), other: exportFormats[request.input.format].name };
    case 'export.verify':
      return { subject: path.basename(request.input.path) };
    case 'publish.run':
      return { subject: path.basename(request.input.path), other: request.input.repo };
    case 'sweep.runOn':
      return { subject: request.input.sweep.name, other: request.input.target };
    case 'sweep.run':
      return { subject: request.input.sweep.name, other: path.basename(request.input.sweep.config.model) };
    case 'study.run':
      return { subject: modelsOf(request.input.study), other: request.input.study.study };
  }
}

function modelsOf(study: Study): string {
  const models = study.study === 'scaling' ? study.models : [study.model];
  return models.map((model) => path.basename(model)).join(', ');
}
