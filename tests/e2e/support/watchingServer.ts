import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WatchingServer {
  readonly address: string;
  /** Addresses that were asked for, in order. */
  readonly asked: readonly string[];
  close(): void;
}

/** A site on this machine that answers everything and remembers what was asked: what an app that talks to nobody never does. */
export async function watchingServer(): Promise<WatchingServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'Content-Type': 'text/html', 'Access-Control-Allow-Origin': '*' });
    response.end('<title>outside</title>');
  });
  server.on('upgrade', (request, socket) => {
    asked.push(request.url ?? '');
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => void server.close(),
  };
}
