/** Ray's Jobs REST API (docs.ray.io, “Ray Jobs REST API”): packages, jobs and their output. */
import http from 'node:http';
import https from 'node:https';
import type { z } from 'zod';
import WebSocket from 'ws';
import type { TargetCall } from '../contract/targets.schema.ts';
import { AppError, cancelled } from '../util/appError.ts';
import { openConnection, type Connection } from './connection.ts';
import * as answers from './dashboard.schema.ts';

export interface JobRequest {
  /** Chosen here, so that a job that was asked for twice is refused the second time. */
  readonly id: string;
  readonly entrypoint: string;
  /** Packages by their address (`gcs://…`): the first is the working folder, the others are on Python’s path. */
  readonly workingFolder: string;
  readonly modules: readonly string[];
  /** Names and purposes only: the dashboard shows them to everybody. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Milliseconds without an answer after which a request has failed. */
const patience = 60_000;
/** Codes of Node for certificates that are signed by nobody known, for another name, or out of date. */
const untrusted = /SELF_SIGNED|^UNABLE_TO_|^CERT_|ALTNAME_INVALID|^INVALID_CA/;
/** A package larger than this the dashboard does not take. */
export const largestPackage = 96 * 2 ** 20;

export class Dashboard {
  readonly name: string;
  readonly #connection: Connection;
  readonly #token: string | undefined;
  readonly #signal: AbortSignal;
  /** Requests made and bytes of their bodies and answers; what a target is burdened with. */
  readonly traffic = { requests: 0, sent: 0, received: 0 };

  private constructor(name: string, connection: Connection, token: string | undefined, signal: AbortSignal) {
    this.name = name;
    this.#connection = connection;
    this.#token = token;
    this.#signal = signal;
  }

  /** @throws AppError TARGET_UNREACHABLE, CANCELLED */
  static async open({ target, token }: TargetCall, signal: AbortSignal): Promise<Dashboard> {
    return new Dashboard(target.name, await openConnection(target, signal), token, signal);
  }

  close(): void {
    this.#connection.close();
  }

  /** Version of Ray. @throws AppError TARGET_UNREACHABLE, TARGET_REFUSED, as all that follow */
  async version(): Promise<string> {
    return (await this.#json('GET', '/api/version', answers.versionSchema)).ray_version;
  }

  async hasPackage(name: string): Promise<boolean> {
    const { status } = await this.#request('GET', packagePath(name), undefined, [404]);
    return status === 200;
  }

  async putPackage(name: string, content: Uint8Array): Promise<void> {
    await this.#request('PUT', packagePath(name), content);
  }

  async submit({ id, entrypoint, workingFolder, modules, metadata }: JobRequest): Promise<void> {
    const runtime = { working_dir: workingFolder, py_modules: modules };
    const body = { submission_id: id, entrypoint, runtime_env: runtime, metadata };
    await this.#json('POST', '/api/jobs/', answers.submittedSchema, body);
  }

  /** Undefined for a job that the dashboard does not know, e.g. after the cluster was started anew. */
  async job(id: string): Promise<answers.DashboardJob | undefined> {
    const { status, body } = await this.#request('GET', jobPath(id), undefined, [404]);
    return status === 404 ? undefined : this.#parse(answers.jobSchema, body);
  }

  async jobs(): Promise<answers.DashboardJob[]> {
    return this.#json('GET', '/api/jobs/', answers.jobListSchema);
  }

  async stop(id: string): Promise<boolean> {
    return (await this.#json('POST', `${jobPath(id)}/stop`, answers.stoppedSchema)).stopped;
  }

  /** The whole output of a job. */
  async logs(id: string): Promise<string> {
    return (await this.#json('GET', `${jobPath(id)}/logs`, answers.logsSchema)).logs;
  }

  /**
   * The output of a job from its beginning, as it comes, until the job ends. Rejects when the connection breaks.
   * @param leave ends it early, without an error
   * @throws AppError TARGET_UNREACHABLE, CANCELLED
   */
  async tail(id: string, onText: (text: string) => void, leave: AbortSignal): Promise<void> {
    const address = this.#address(`${jobPath(id)}/logs/tail`);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    this.traffic.requests += 1;
    const socket = new WebSocket(address, {
      agent: this.#connection.socketAgent,
      headers: this.#headers(),
      // Ray's dashboard (2.60) closes a connection that asks for compression without a word of the output.
      perMessageDeflate: false,
    });
    const abort = (): void => socket.terminate();
    this.#signal.addEventListener('abort', abort, { once: true });
    leave.addEventListener('abort', abort, { once: true });
    if (leave.aborted || this.#signal.aborted) abort();
    // A tunnel or proxy may drop a silent connection without a word.
    let alive = true;
    const beat = setInterval(() => {
      if (!alive) return socket.terminate();
      alive = false;
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    }, patience);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.on('pong', () => (alive = true));
        socket.on('message', (data: Buffer) => {
          alive = true;
          this.traffic.received += data.length;
          onText(data.toString('utf8'));
        });
        socket.on('error', (error) => {
          if (leave.aborted) resolve();
          else reject(this.#failed(error));
        });
        // 1006: the connection was lost; anything else is the server’s word that there is no more.
        socket.on('close', (code) => {
          if (code === 1006 && !leave.aborted) reject(this.#unreachable('the connection broke'));
          else resolve();
        });
      });
    } catch (error) {
      if (this.#signal.aborted) throw cancelled();
      throw error;
    } finally {
      clearInterval(beat);
      this.#signal.removeEventListener('abort', abort);
      leave.removeEventListener('abort', abort);
    }
  }

  async #json<S extends z.ZodType>(method: string, path: string, schema: S, body?: object): Promise<z.output<S>> {
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return this.#parse(schema, (await this.#request(method, path, content)).body);
  }

  #parse<S extends z.ZodType>(schema: S, body: string): z.output<S> {
    try {
      return schema.parse(JSON.parse(body));
    } catch (error) {
      throw new AppError(
        'TARGET_REFUSED',
        `What answers at ${this.#where()} is not Ray’s dashboard, or one of a version that this app does not know: check the address.`,
        { cause: error },
      );
    }
  }

  async #request(
    method: string,
    path: string,
    body: Uint8Array | undefined,
    accepted: readonly number[] = [],
  ): Promise<{ status: number; body: string }> {
    const url = this.#address(path);
    this.traffic.requests += 1;
    this.traffic.sent += body?.length ?? 0;
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const type = path.startsWith('/api/jobs') && body !== undefined ? { 'content-type': 'application/json' } : {};
      const request = (url.protocol === 'https:' ? https : http).request(
        url,
        {
          method,
          agent: this.#connection.agent,
          signal: this.#signal,
          timeout: patience,
          headers: { ...this.#headers(), ...type, 'content-length': body?.length ?? 0 },
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString('utf8') }),
          );
        },
      );
      request.on('timeout', () => request.destroy(new Error('no answer for a minute')));
      request.on('error', reject);
      request.end(body);
    }).catch((error: unknown) => {
      if (this.#signal.aborted) throw cancelled();
      throw this.#failed(error);
    });
    this.traffic.received += answer.body.length;
    if (answer.status === 200 || accepted.includes(answer.status)) return answer;
    throw this.#refused(answer.status, answer.body);
  }

  #refused(status: number, body: string): AppError {
    const last = body.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
    if (status === 401 || status === 403) {
      const why =
        this.#token === undefined ? 'asks for a token: enter it with the target' : 'refused the token: enter it again';
      return new AppError('TARGET_REFUSED', `The dashboard at ${this.#where()} ${why}.`);
    }
    const passing = status === 429 || status >= 502;
    return new AppError(
      passing ? 'TARGET_UNREACHABLE' : 'TARGET_REFUSED',
      `The dashboard at ${this.#where()} answered ${status}: ${last === '' ? 'no reason was given' : last}.`,
      { details: { status } },
    );
  }

  /** Why a request did not get through. */
  #failed(error: unknown): AppError {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    if (typeof code === 'string' && untrusted.test(code)) {
      return new AppError(
        'TARGET_REFUSED',
        `The certificate of ${this.#where()} is not trusted (${String(message)}): give the PEM file of its certificate authority with the target (sara targets add … --certificate FILE), or check the address.`,
      );
    }
    return this.#unreachable(String(message));
  }

  #unreachable(reason: string): AppError {
    return new AppError(
      'TARGET_UNREACHABLE',
      `The dashboard at ${this.#where()} cannot be reached (${reason}): check the address, the tunnel and the network.`,
    );
  }

  #where(): string {
    return `${this.name} (${this.#connection.base.host})`;
  }

  #address(path: string): URL {
    const prefix = this.#connection.base.pathname.replace(/\/+$/, '');
    const url = new URL(this.#connection.base);
    url.pathname = `${prefix}${path}`;
    return url;
  }

  #headers(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }
}

function packagePath(name: string): string {
  return `/api/packages/gcs/${encodeURIComponent(name)}`;
}

function jobPath(id: string): string {
  return `/api/jobs/${encodeURIComponent(id)}`;
}
