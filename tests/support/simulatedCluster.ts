/** A dashboard without a cluster behind it: it tells of as many trials at work as are asked for, as the driver would. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';

interface Simulation {
  readonly trials: number;
  readonly nodes: number;
  /** How long all trials are at work at once. */
  readonly seconds: number;
}

/** Steps of a trial; each tells of one a second, and of its held-out loss every few. */
const steps = 10_000;
const evaluateEvery = 3;
/** Seconds between two lines of the driver (`resources/ray/sara_driver.py`). */
const interval = 1;

export class SimulatedCluster {
  /** Requests, WebSockets among them, and bytes of what was told, since all trials are at work. */
  readonly traffic = { requests: 0, bytes: 0, lines: 0 };
  readonly #simulation: Simulation;
  readonly #packages = new Set<string>();
  readonly #jobs = new Map<string, { readonly kind: string; output: string; ended: boolean }>();
  readonly #server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      this.traffic.requests += 1;
      const { status, body } = this.#answer(request.method ?? '', request.url ?? '', Buffer.concat(pieces).toString());
      response.writeHead(status).end(body);
    });
  });

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Address of the dashboard. */
  async start(): Promise<string> {
    const sockets = new WebSocketServer({ server: this.#server });
    sockets.on('connection', (socket, { url }) => {
      this.traffic.requests += 1;
      const [, id = ''] = /jobs\/([^/]+)\/logs\/tail/.exec(url ?? '') ?? [];
      void this.#tell(id, socket);
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(method: string, place: string, sent: string): { status: number; body: string } {
    if (place === '/api/version') return { status: 200, body: '{"version":"4","ray_version":"2.60.0"}' };
    if (place.startsWith('/api/packages/')) {
      if (method === 'PUT') this.#packages.add(place);
      return { status: this.#packages.has(place) ? 200 : 404, body: '' };
    }
    if (method === 'POST' && place === '/api/jobs/') {
      const { submission_id: id, metadata } = JSON.parse(sent) as {
        readonly submission_id: string;
        readonly metadata: Readonly<Record<string, string>>;
      };
      const kind = metadata['kind'] ?? '';
      this.#jobs.set(id, { kind, output: '@sara {"have":[],"taken":0}\n', ended: kind === 'files' });
      return { status: 200, body: JSON.stringify({ submission_id: id }) };
    }
    const job = this.#jobs.get(/^\/api\/jobs\/([^/]+)/.exec(place)?.[1] ?? '');
    if (job === undefined) return { status: 404, body: 'no such job' };
    if (place.endsWith('/logs')) return { status: 200, body: JSON.stringify({ logs: job.output }) };
    return { status: 200, body: JSON.stringify({ status: job.ended ? 'SUCCEEDED' : 'RUNNING' }) };
  }

  async #tell(id: string, socket: WebSocket): Promise<void> {
    const job = this.#jobs.get(id);
    if (job === undefined) return socket.close();
    const { trials, nodes, seconds } = this.#simulation;
    const numbers = Array.from({ length: trials }, (_, i) => i + 1);
    job.output = '';
    let n = 0;
    const say = (content: object): void => {
      const line = `@sara ${JSON.stringify({ n: (n += 1), ...content })}\n`;
      job.output += line;
      this.traffic.bytes += line.length;
      this.traffic.lines += 1;
      socket.send(line);
    };
    const lossAt = (number: number, step: number): number =>
      2 + ((number * 37) % 101) / 101 + Math.sin(number) / 10 + 1 / (1 + step);
    say({ begun: 'simulated' });
    const first = (number: number): object => ({
      state: 'running',
      step: 0,
      totalSteps: steps,
      node: `node-${number % nodes}`,
      trainable: 3_500_000,
      '=': [],
    });
    say({ t: numbers.map((number) => [number, first(number)]) });
    Object.assign(this.traffic, { requests: 0, bytes: 0, lines: 0 });
    for (let step = 1; step <= seconds / interval; step += 1) {
      await sleep(interval * 1000);
      say({
        t: numbers.map((number) => {
          const loss = lossAt(number, step);
          const evaluation = (step + number) % evaluateEvery === 0 ? { '+': [[step, loss]] } : {};
          return [number, { step, trainLoss: Number(loss.toFixed(5)), ...evaluation }];
        }),
      });
    }
    say({ t: numbers.map((number) => [number, { state: 'done', step: steps, seconds }]) });
    say({ end: true });
    job.ended = true;
    socket.close();
  }
}
