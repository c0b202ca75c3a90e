/** Jobs that play back prepared events on a timer. Never part of the product. */
import type { JobEvent, JobKind, JobSnapshot, JobSummary } from '../../src-main/contract/jobs.ts';
import type { RouteInput, WindowEvents } from '../../src-main/contract/routes.ts';
import { sweepResult, waitingSweep } from './fakeSweeps.ts';
import { runRecord, smollm, spectrum, stories, trainingEvents } from './fakeContents.ts';
import { exportResult, verifyResult } from './fakeExports.ts';
import { studySchema } from '../../src-main/contract/studies.schema.ts';
import { studyPlan } from './fakeStudies.ts';

type StartInput = RouteInput<'jobs.start'>;

interface Job {
  summary: JobSummary;
  readonly events: JobEvent[];
  result?: unknown;
  timer?: ReturnType<typeof setInterval>;
}

interface Script {
  readonly events: readonly unknown[];
  readonly result: unknown;
}

export class FakeJobs {
  readonly #jobs = new Map<string, Job>();
  readonly #push: <N extends keyof WindowEvents>(name: N, payload: WindowEvents[N]) => void;
  /** Milliseconds between two events. */
  readonly #pace: number;
  readonly #preparesGpu: boolean;
  #next = 1;

  constructor(
    push: <N extends keyof WindowEvents>(name: N, payload: WindowEvents[N]) => void,
    pace: number,
    preparesGpu = false,
  ) {
    this.#push = push;
    this.#pace = pace;
    this.#preparesGpu = preparesGpu;
  }

  start(request: StartInput, ondone: () => void = () => undefined): { jobId: string } {
    const id = `job-${this.#next++}`;
    const { events: own, result } = scriptOf(request, id);
    const events = this.#preparesGpu ? [...preparation(request.kind), ...own] : own;
    const job: Job = {
      summary: {
        id,
        kind: request.kind,
        about: { subject: 'SmolLM2-135M-Instruct', other: 'E2E' },
        state: 'running',
        startedAt: Date.now(),
      },
      events: [],
    };
    this.#jobs.set(id, job);
    this.#tell(job);
    let at = 0;
    job.timer = setInterval(() => {
      if (job.summary.state === 'paused') return;
      const event = events[at];
      if (event !== undefined) {
        at += 1;
        this.#send(job, request.kind, event);
        const left = events.length - at;
        job.summary = { ...job.summary, fraction: at / events.length, etaSeconds: (left * this.#pace) / 1000 };
        this.#tell(job);
        return;
      }
      clearInterval(job.timer);
      job.result = result;
      job.summary = { ...job.summary, state: 'done' };
      ondone();
      this.#tell(job);
    }, this.#pace);
    return { jobId: id };
  }

  control(jobId: string, action: string): { accepted: boolean } {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return { accepted: false };
    if (action === 'cancel' || action === 'stop') {
      clearInterval(job.timer);
      const result = action === 'stop' ? { result: runRecord('run-new', 'E2E', 'stopped', 12, 1.5) } : {};
      Object.assign(job, result);
      job.summary = { ...job.summary, state: action === 'stop' ? 'done' : 'cancelled' };
    } else if (action === 'pause') job.summary = { ...job.summary, state: 'paused' };
    else if (action === 'continue') job.summary = { ...job.summary, state: 'running' };
    this.#tell(job);
    return { accepted: true };
  }

  list(): JobSummary[] {
    return [...this.#jobs.values()].map((job) => job.summary);
  }

  snapshot(jobId: string, afterSeq: number): JobSnapshot | undefined {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return undefined;
    return { job: job.summary, events: job.events.filter((e) => e.seq > afterSeq), result: job.result };
  }

  #send(job: Job, kind: JobKind, event: unknown): void {
    const sent = { jobId: job.summary.id, kind, seq: job.events.length + 1, event } as JobEvent;
    job.events.push(sent);
    this.#push('job.event', sent);
  }

  #tell(job: Job): void {
    this.#push('job.state', job.result === undefined ? job.summary : { ...job.summary, result: job.result });
  }
}

/** What comes before the first computation on a GPU. */
function preparation(kind: JobKind): object[] {
  return Array.from({ length: 40 }, (_, i) =>
    kind.startsWith('train.')
      ? { event: 'phase', phase: 'preparing', fraction: i / 40, op: i + 1, total: 40 }
      : { phase: 'Preparing the GPU', done: i + 1, total: 40 },
  );
}

function scriptOf(request: StartInput, id: string): Script {
  switch (request.kind) {
    case 'model.fetchSample': {
      const total = 93_512_704;
      const events = Array.from({ length: 60 }, (_, i) => ({
        phase: 'Downloading',
        done: Math.round((total * (i + 1)) / 60),
        total,
      }));
      return { events, result: { path: smollm.path } };
    }
    case 'analysis.run': {
      const model = request.input.model.includes('stories') ? stories : smollm;
      const matrices = model.targets.map((target) => ({ ...target, singularValues: spectrum(target) }));
      return {
        events: matrices.map((matrix, i) => ({ done: i + 1, total: matrices.length, matrix })),
        result: { modelHash: 'f3a1c0', matrices, parameters: model.parameters, seconds: 31.2, cached: false },
      };
    }
    case 'train.run':
    case 'train.resume':
    case 'train.runOn':
      return {
        events: trainingEvents(`/home/mara/sara/runs/${id}`, 24),
        result: runRecord(id, 'E2E restaurants', 'done', 24, 1.413),
      };
    case 'adapter.compress': {
      const { ranks } = runRecord(id, 'E2E restaurants', 'done', 24, 1.413);
      const sized = (share: number, loss: number) => {
        const matrices = ranks.map(({ name, layer, module, shape, rank }) => {
          return {
            name,
            layer,
            module,
            shape,
            oldRank: rank,
            newRank: Math.max(1, Math.round(rank * share)),
            kept: share,
          };
        });
        const parameters = matrices.reduce((sum, { newRank, shape }) => sum + newRank * (shape[0] + shape[1]), 0);
        return { matrices, parameters, bytes: 4 * parameters, loss };
      };
      const { energies, run } = request.input;
      const compressed = energies.map((energy) => ({ energy, ...sized(energy ** 4, 1.41 + 0.2 * (1 - energy)) }));
      return { events: [], result: { run, step: 24, before: sized(1, 1.41), compressed } };
    }
    case 'study.run':
      return studyPlan(studySchema.parse(request.input.study));
    case 'sweep.run':
    case 'sweep.runOn': {
      const result = sweepResult('/home/mara/sara/sweeps/rates');
      const events = result.trials.map((trial) => ({ event: 'trials', changed: [trial] }));
      return { events: [{ event: 'sweep', result: waitingSweep(result) }, ...events], result };
    }
    case 'evaluate.run':
      return {
        events: Array.from({ length: 10 }, (_, i) => ({ phase: 'Evaluating', done: i + 1, total: 10 })),
        result: { loss: 1.41, perplexity: 4.1, tokens: 1140, rows: 38 },
      };
    case 'evaluate.task': {
      const examples = [
        { row: 1, prompt: 'How many?', text: 'The answer is 3.', answer: '3', wanted: ['3'], correct: true },
        { row: 2, prompt: 'How much?', text: 'It costs 5 or 6.', answer: '6', wanted: ['5'], correct: false },
      ];
      return {
        events: Array.from({ length: 10 }, (_, i) => ({ phase: 'Answering', done: i + 1, total: 10 })),
        result: {
          task: request.input.task,
          title: 'GSM8K',
          model: request.input.model,
          data: '/samples/gsm8k/valid.jsonl',
          dataHash: 'c0ffee',
          rows: 50,
          scoring: 'generation',
          rule: 'The number after “####”, else the last number of the text.',
          accuracy: { correct: 21, total: 50, value: 0.42, low: 0.294, high: 0.558 },
          unanswered: 2,
          settings: { prompt: 'chat', maxNewTokens: 300, batchSize: 8, temperature: 0, seed: 0 },
          examples,
          seconds: 48,
        },
      };
    }
    case 'data.check':
      return {
        events: [{ phase: 'Comparing rows', done: 0, total: 0 }],
        result: {
          rows: 500,
          trainRows: 450,
          validationRows: 50,
          findings: [{ kind: 'exact-duplicates', count: 1, rows: [{ row: 7, of: 3 }], fix: 'duplicates' }],
          scripts: [{ script: 'Latin', rows: 500 }],
        },
      };
    case 'generate.run': {
      const text = request.input.base === true ? 'I like restaurants.' : 'The Vaults is a pub by the river.';
      const pieces = text.split(/(?= )/);
      return {
        events: pieces.map((piece, i) => ({ id: i, text: piece })),
        result: { ids: pieces.map((_, i) => i), text, stopped: 'end-token', tokensPerSecond: 21.4 },
      };
    }
    case 'gates.run': {
      const tokens = request.input.text.split(/(?= )/).map((text, id) => ({ id, text }));
      const gates = (layer: number): Float32Array =>
        Float32Array.from(tokens.flatMap((_, i) => ((i + layer) % 3 === 0 ? [0.6, 0.3, 0.1] : [0.2, 0.3, 0.5])));
      const matrices = smollm.targets.map(({ name, layer, module }) => {
        return {
          name,
          layer,
          module,
          rank: 40,
          gates: gates(layer),
          mean: [0.33, 0.3, 0.37],
          deviation: [0.2, 0, 0.2],
        };
      });
      return { events: [], result: { step: 24, sets: 3, tokens, leftOut: 0, matrices } };
    }
    case 'calibrate.run':
      return {
        events: Array.from({ length: 8 }, (_, i) => ({ phase: 'Averaging the gates', done: i + 1, total: 8 })),
        result: {
          ...{ step: 24, source: 'validation', rows: 38, tokens: 3_120, positions: 1_140 },
          ...{ kl: 0.0021, topOneAgreement: 0.982 },
          adapter: { loss: 1.413, perplexity: 4.108 },
          frozen: { loss: 1.416, perplexity: 4.121 },
          matrices: smollm.targets.map(({ name }) => ({ name, mean: [0.33, 0.3, 0.37], deviation: [0.2, 0, 0.2] })),
        },
      };
    case 'export.run':
      return {
        events: ['Merging', 'Writing', 'Verifying'].flatMap((phase) =>
          Array.from({ length: 8 }, (_, i) => ({ phase, done: i + 1, total: 8 })),
        ),
        result: { ...exportResult, out: request.input.out, format: request.input.format ?? 'hf' },
      };
    case 'export.verify':
      return { events: [], result: { ...verifyResult, path: request.input.path } };
    case 'publish.run': {
      const total = 144_810_000;
      return {
        events: Array.from({ length: 20 }, (_, i) => ({ phase: 'Uploading', done: (total * (i + 1)) / 20, total })),
        result: {
          repo: `mara/${request.input.repo}`,
          url: `https://huggingface.co/mara/${request.input.repo}`,
          commit: '9f2c1d0a7be4',
          private: request.input.private ?? true,
          files: exportResult.files.map(({ name, bytes }) => ({ name, bytes, how: 'sent' })),
          retries: 0,
        },
      };
    }
  }
}
