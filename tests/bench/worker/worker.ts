/** SARA Studio's side: the engine's own code, in plain Node. One job a process; see jobs.ts for what is said. */
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { createOperations } from '../../../src-main/engine/createOperations.ts';
import { createServices } from '../../../src-main/engine/services.ts';
import { answerMark, type Answer, type Job, type Request } from '../jobs.ts';
import { convertSample, findSample } from './convert.ts';
import { openEvaluation } from './evaluation.ts';
import { openEpoch } from './epoch.ts';
import { writeExamples } from './examples.ts';
import { makeAdapter, openMerge } from './exporting.ts';
import { openGeneration } from './generation.ts';
import { openLoad } from './loading.ts';
import { openCheckpoint, runLong } from './longRuns.ts';
import { openMatMul, profileStep } from './profiling.ts';
import { openSpectra, openVectors } from './spectra.ts';
import { openStart } from './start.ts';
import { openTraining } from './training.ts';
import type { Work } from './work.ts';

// The bundle lies in out/bench.
const services = createServices(join(__dirname, '..', '..', 'resources'));
const operations = createOperations(services);
const { signal } = new AbortController();

async function open(job: Job): Promise<Work> {
  switch (job.kind) {
    case 'training':
      return openTraining(job, services, signal);
    case 'epoch':
      return openEpoch(job, operations, services, signal);
    case 'examples':
      return writeExamples(job, signal);
    case 'sample':
      return findSample(operations, signal);
    case 'convert':
      return convertSample(job, operations, signal);
    case 'evaluation':
      return openEvaluation(job, services, signal);
    case 'generation':
      return openGeneration(job, services, signal);
    case 'spectra':
      return openSpectra(job, services, signal);
    case 'vectors':
      return openVectors(job, services, signal);
    case 'load':
      return openLoad(job, services, signal);
    case 'adapter':
      return makeAdapter(job, operations, signal);
    case 'merge':
      return openMerge(job, operations, signal);
    case 'checkpoint':
      return openCheckpoint(job, operations, signal);
    case 'long':
      return runLong(job, operations, services, signal);
    case 'start':
      return openStart(operations, signal);
    case 'profile':
      return profileStep(job, services, signal);
    case 'matmul':
      return openMatMul(job, services);
    case 'same-tensors':
    case 'random-model':
      throw new Error(`${job.kind} is a job of the peer alone.`);
  }
}

async function main(): Promise<void> {
  let work: Work | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    try {
      if ('open' in request) {
        work = await open(request.open);
        answer({ value: work.facts });
      } else if ('run' in request) {
        answer({ value: await work?.run(request.run) });
      } else {
        answer({ value: { maximumResidentBytes: process.resourceUsage().maxRSS * 1024 } });
        break;
      }
    } catch (error) {
      answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  await work?.close();
  await services.loaded.release();
  process.stdin.destroy();
}

function answer(value: Answer<unknown>): void {
  process.stdout.write(`${answerMark}${JSON.stringify(value)}\n`);
}

void main();
