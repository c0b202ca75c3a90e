/** The way to a dashboard: through a tunnel, a proxy, with a certificate authority, or straight. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { Target } from '../contract/targets.schema.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { systemClock } from '../util/clock.ts';

export interface Connection {
  /** Where requests go: the dashboard's address, or this end of the tunnel. */
  readonly base: URL;
  readonly agent: http.Agent;
  /** For WebSockets, which proxies pass on through CONNECT alone. */
  readonly socketAgent: http.Agent;
  close(): void;
}

/** Milliseconds that ssh gets to open a tunnel. */
const tunnelPatience = 30_000;

/** @throws AppError TARGET_UNREACHABLE when the tunnel does not open, FILE_NOT_FOUND for the certificate, CANCELLED */
export async function openConnection(target: Target, signal: AbortSignal): Promise<Connection> {
  const base = new URL(target.address);
  const ca = target.certificate === undefined ? undefined : await readCertificate(target.certificate);
  if (target.tunnel === undefined) {
    const agent = agentFor(base, target.proxy, ca);
    const socketAgent = target.proxy === undefined ? agent : connectAgent(target.proxy, ca);
    return {
      base,
      agent,
      socketAgent,
      close() {
        agent.destroy();
        socketAgent.destroy();
      },
    };
  }
  const port = await freePort();
  const tunnel = await openTunnel(target, base, port, signal);
  const near = new URL(base);
  near.hostname = '127.0.0.1';
  near.port = String(port);
  const agent = agentFor(near, undefined, ca, base.hostname);
  return {
    base: near,
    agent,
    socketAgent: agent,
    close() {
      agent.destroy();
      tunnel.kill();
    },
  };
}

/** What ssh is called with; shown to the person who sets up a tunnel. */
export function tunnelArguments(
  { tunnel }: Target,
  { hostname, port, protocol }: URL,
  near: number | string,
): string[] {
  if (tunnel === undefined) return [];
  const far = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return [
    '-N',
    ...['-o', 'ExitOnForwardFailure=yes', '-o', 'BatchMode=yes', '-o', 'ServerAliveInterval=15'],
    ...['-L', `127.0.0.1:${near}:${hostname}:${far}`],
    ...(tunnel.port === undefined ? [] : ['-p', String(tunnel.port)]),
    ...(tunnel.user === undefined ? [] : ['-l', tunnel.user]),
    '--',
    tunnel.host,
  ];
}

async function readCertificate(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new AppError('FILE_NOT_FOUND', `The certificate ${file} cannot be read; check the path.`, { cause: error });
  });
}

const pooled = { keepAlive: true, maxSockets: 4 };

function connectAgent(proxy: string, ca: string | undefined): http.Agent {
  return new HttpsProxyAgent(proxy, { ...pooled, ...(ca === undefined ? {} : { ca }) });
}

function agentFor(base: URL, proxy: string | undefined, ca: string | undefined, servername?: string): http.Agent {
  const secure = { ...(ca === undefined ? {} : { ca }), ...(servername === undefined ? {} : { servername }) };
  if (proxy !== undefined) {
    return base.protocol === 'https:' ? connectAgent(proxy, ca) : new HttpProxyAgent(proxy, pooled);
  }
  return base.protocol === 'https:' ? new https.Agent({ ...pooled, ...secure }) : new http.Agent(pooled);
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

interface Tunnel {
  kill(): void;
}

async function openTunnel(target: Target, base: URL, port: number, signal: AbortSignal): Promise<Tunnel> {
  const child = spawn('ssh', tunnelArguments(target, base, port), { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  let ended: string | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = `${words}${text}`.slice(-2_000)));
  child.once('error', (error) => (ended = error.message));
  child.once('exit', () => (ended ??= words.trim().split('\n').at(-1) ?? 'it ended'));
  const last = systemClock.now() + tunnelPatience;
  for (;;) {
    if (await accepts(port)) return { kill: () => child.kill() };
    if (ended !== undefined || systemClock.now() > last || signal.aborted) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  child.kill();
  throwIfCancelled(signal);
  throw new AppError(
    'TARGET_UNREACHABLE',
    `The tunnel to ${target.tunnel?.host ?? target.name} does not open (${ended ?? 'no answer for 30 s'}): check that ssh reaches it without a question.`,
  );
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
