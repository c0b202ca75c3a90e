// Stands between the client and a dashboard and keeps what both say, so that `npm test` can play it again.
import { createServer, request } from 'node:http';
import WebSocket, { WebSocketServer } from 'ws';

/** @typedef {{ method: string, path: string, status: number, body: string, sent?: string }} Exchange */

/**
 * @param {string} dashboard
 * @returns {Promise<{ address: string, exchanges: Exchange[], close(): void }>}
 */
export async function recordingProxy(dashboard) {
  /** @type {Exchange[]} */
  const exchanges = [];
  const server = createServer((incoming, outgoing) => {
    /** @type {Buffer[]} */
    const sent = [];
    incoming.on('data', (piece) => sent.push(piece));
    incoming.on('end', () => {
      const target = new URL(incoming.url ?? '/', dashboard);
      const headers = { ...incoming.headers };
      delete headers.host;
      const forward = request(target, { method: incoming.method, headers }, (answer) => {
        /** @type {Buffer[]} */
        const pieces = [];
        answer.on('data', (piece) => pieces.push(piece));
        answer.on('end', () => {
          const body = Buffer.concat(pieces);
          const isPackage = target.pathname.startsWith('/api/packages');
          const { method = 'GET' } = incoming;
          const said = method === 'POST' && !isPackage ? { sent: Buffer.concat(sent).toString() } : {};
          exchanges.push({
            method,
            path: target.pathname,
            status: answer.statusCode ?? 0,
            body: body.toString(),
            ...said,
          });
          outgoing.writeHead(answer.statusCode ?? 502, {
            'content-type': answer.headers['content-type'] ?? 'text/plain',
          });
          outgoing.end(body);
        });
      });
      forward.on('error', () => outgoing.destroy());
      forward.end(Buffer.concat(sent));
    });
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (near, incoming) => {
    const path = incoming.url ?? '/';
    const far = new WebSocket(new URL(path, dashboard.replace('http', 'ws')));
    const exchange = { method: 'TAIL', path, status: 101, body: '' };
    exchanges.push(exchange);
    far.on('message', (data) => {
      exchange.body += data.toString();
      near.send(data.toString());
    });
    far.on('close', () => near.close());
    far.on('error', () => near.terminate());
    near.on('close', () => far.terminate());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { address: `http://127.0.0.1:${port}`, exchanges, close: () => server.close() };
}
