/** Watches what an app says to the network: through a proxy that only records, and in the system's list of sockets. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy that notes what it is asked for and refuses it. */
export class RecordingProxy {
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(503).end();
    });
    this.#server.on('connect', (request, socket) => {
      this.asked.push(`CONNECT ${request.url ?? ''}`);
      socket.end('HTTP/1.1 503 Refused\r\n\r\n');
    });
  }

  static async start(): Promise<RecordingProxy> {
    const proxy = new RecordingProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get address(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A process with all that descend from it. Linux. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    const stat = readOrNothing(`/proc/${String(pid)}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (stat !== '') children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const all = [root];
  // Grows while it is gone through.
  for (const pid of all) all.push(...(children.get(pid) ?? []));
  return all;
}

/** Addresses beyond this computer that sockets of these processes are connected to, as `tcp 0A000001:01BB`. Linux. */
export function outsideConnections(pids: readonly number[]): string[] {
  const inodes = new Set(pids.flatMap(socketsOf));
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((protocol) =>
    readOrNothing(`/proc/net/${protocol}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , remote = '', , , , , , , inode = '']) => inodes.has(inode) && isOutside(remote))
      .map(([, , remote = '']) => `${protocol} ${remote}`),
  );
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${String(pid)}/fd`;
  try {
    return readdirSync(folder).flatMap((name) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOrNothing(`${folder}/${name}`)) ?? [];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    // The process has ended meanwhile.
    return [];
  }
}

/** Hexadecimal, each four bytes in the machine's order; a remote address of zeros is no connection. */
function isOutside(remote: string): boolean {
  const [address = ''] = remote.split(':');
  const isNone = /^0+$/.test(address);
  const isLoopback = address.endsWith('7F') || address === '00000000000000000000000001000000';
  return !isNone && !isLoopback;
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function linkOrNothing(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
