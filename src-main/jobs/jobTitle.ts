import path from 'node:path';
import { exportFormats } from '../contract/exportFormats.ts';
import type { Study } from '../contract/studies.schema.ts';
import type { JobInput } from './job.ts';

/** One line that names the job in lists and notifications. */
export function jobTitle(request: JobInput): string {
  switch (request.kind) {
    case 'model.fetchSample':
      return 'Fetch SmolLM2-135M-Instruct';
    case 'analysis.run':
      return `Analyse ${path.basename(request.input.model)}`;
    case 'train.run':
      return `Train ${path.basename(request.input.config.model)} on ${path.basename(request.input.config.data.path)}`;
    case 'train.runOn':
      return `Train ${path.basename(request.input.config.model)} on ${request.input.target}`;
    case 'train.resume':
      return `Resume ${path.basename(request.input.run)}`;
    case 'evaluate.run':
      return `Evaluate ${path.basename(request.input.model)}`;
    case 'evaluate.task':
      return `Evaluate ${path.basename(request.input.model)} on ${request.input.task}`;
    case 'data.check':
      return `Check ${path.basename(request.input.data.path)}`;
    case 'generate.run':
      return `Generate with ${path.basename(request.input.model)}`;
    case 'gates.run':
      return `Gates of ${path.basename(request.input.run)}`;
    case 'calibrate.run':
      return `Calibrate ${path.basename(request.input.run)}`;
    case 'adapter.compress':
      return `Compress ${path.basename(request.input.run)}`;
    case 'export.run':
      return `Export ${path.basename(request.input.run)}: ${exportFormats[request.input.format].name}`;
    case 'export.verify':
      return `Check ${path.basename(request.input.path)}`;
    case 'publish.run':
      return `Publish ${path.basename(request.input.path)} as ${request.input.repo}`;
    case 'sweep.runOn':
      return `Sweep ${request.input.sweep.name} on ${request.input.target}`;
    case 'sweep.run':
      return `Sweep ${request.input.sweep.name} of ${path.basename(request.input.sweep.config.model)}`;
    case 'study.run':
      return studyTitle(request.input.study);
  }
}

function studyTitle(study: Study): string {
  if (study.study === 'scaling') return `Study scaling over ${study.models.length} models`;
  return `Study ${study.study} of ${path.basename(study.model)}`;
}
