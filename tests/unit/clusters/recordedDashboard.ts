import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { WebSocketServer } from 'ws';

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string;
  readonly sent?: string;
}

interface Submission {
  readonly submission_id: string;
  readonly entrypoint: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
  readonly authorization: string | undefined;
}

const file = path.join(import.meta.dirname, 'recorded', 'dashboard.json');

/** Answers what a real dashboard has answered to the same questions (`npm run test:ray -- --record`). */
export class RecordedDashboard {
  readonly seen: SeenRequest[] = [];
  /** Answers in place of the recorded ones; undefined leaves them. */
  instead: (request: SeenRequest) => { status: number; body: string } | undefined = () => undefined;
  /** Connections for output that are cut after so many characters, one after the other. */
  cuts: number[] = [];
  readonly #exchanges = (JSON.parse(readFileSync(file, 'utf8')) as { exchanges: Exchange[] }).exchanges;
  /** The recorded job that stands for each job that was sent. */
  readonly #twins = new Map<string, string>();
  readonly #packages = new Set<string>();
  readonly #asked = new Map<string, number>();
  readonly #server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const asked = { method, path: url, body: Buffer.concat(pieces), authorization: headers.authorization };
      this.seen.push(asked);
      const { status, body } = this.instead(asked) ?? this.#answer(asked);
      response.writeHead(status).end(body);
    });
  });

  async start(): Promise<string> {
    const sockets = new WebSocketServer({ server: this.#server });
    sockets.on('connection', (socket, request) => {
      const [, id = ''] = /jobs\/([^/]+)\/logs\/tail/.exec(request.url ?? '') ?? [];
      const body = this.#find('TAIL', `/api/jobs/${this.#twins.get(id) ?? ''}/logs/tail`)?.body ?? '';
      const cut = this.cuts.shift();
      socket.send(body.slice(0, cut), () => (cut === undefined ? socket.close() : socket.terminate()));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The jobs that were sent. */
  get submissions(): Submission[] {
    return this.seen
      .filter(({ method, path: place }) => method === 'POST' && place === '/api/jobs/')
      .map(({ body }) => JSON.parse(body.toString()) as Submission);
  }

  #answer({ method, path: place, body }: SeenRequest): { status: number; body: string } {
    if (place.startsWith('/api/packages/')) {
      if (method === 'PUT') this.#packages.add(place);
      return { status: this.#packages.has(place) ? 200 : 404, body: '' };
    }
    if (method === 'POST' && place === '/api/jobs/') {
      const sent = JSON.parse(body.toString()) as Submission;
      this.#twins.set(sent.submission_id, this.#twinOf(sent));
      return { status: 200, body: JSON.stringify({ submission_id: sent.submission_id, job_id: '' }) };
    }
    const [, id] = /^\/api\/jobs\/([^/]+)/.exec(place) ?? [];
    if (id !== undefined && !this.#twins.has(id)) return { status: 404, body: `Job ${id} does not exist` };
    const recorded = this.#find(method, id === undefined ? place : place.replace(id, this.#twins.get(id) ?? id));
    return recorded ?? { status: 500, body: `nothing recorded for ${method} ${place}` };
  }

  /** The recorded job of the same purpose. */
  #twinOf({ metadata }: Submission): string {
    const purpose = (own: Submission['metadata']): string => `${own['kind'] ?? ''} ${own['action'] ?? ''}`;
    for (const { method, path: place, sent } of this.#exchanges) {
      if (method !== 'POST' || place !== '/api/jobs/' || sent === undefined) continue;
      const earlier = JSON.parse(sent) as Submission;
      if (purpose(earlier.metadata) === purpose(metadata)) return earlier.submission_id;
    }
    throw new Error(`No job for ${purpose(metadata)} was recorded.`);
  }

  /** Answers to one question in their order; the last one stays. */
  #find(method: string, place: string): Exchange | undefined {
    const all = this.#exchanges.filter((one) => one.method === method && one.path === place);
    const times = this.#asked.get(`${method} ${place}`) ?? 0;
    this.#asked.set(`${method} ${place}`, times + 1);
    return all[Math.min(times, all.length - 1)];
  }
}
