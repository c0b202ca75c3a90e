/** SARA Studio's side: the engine's own code, in plain Node. One job a process; see jobs.ts for what is said. */
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { createOperations } from '../../../src-main/engine/createOperations.ts';
import { createServices } from '../../../src-main/engine/services.ts';
import { answerMark, type Answer, type Job, type Request } from '../jobs.ts';
import { convertSample } from './convert.ts';
import { openEpoch } from './epoch.ts';
import { writeExamples } from './examples.ts';
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
    case 'convert':
      return convertSample(job, operations, signal);
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
