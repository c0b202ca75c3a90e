// Stands before a dashboard: keeps what both sides say, and may speak TLS or be away for a while.
import http, { request } from 'node:http';
import https from 'node:https';
import WebSocket, { WebSocketServer } from 'ws';

/** @typedef {{ method: string, path: string, status: number, body: string, sent?: string, headers: string }} Exchange */
/** @typedef {Awaited<ReturnType<typeof openGate>>} Gate */

/**
 * @param {string} dashboard
 * @param {{ key: string, cert: string }} [tls]
 */
export async function openGate(dashboard, tls) {
  /** @type {Exchange[]} */
  const exchanges = [];
  const gate = { away: false };
  /** @type {http.RequestListener} */
  const answer = (incoming, outgoing) => {
    if (gate.away) return void incoming.socket.destroy();
    /** @type {Buffer[]} */
    const sent = [];
    incoming.on('data', (piece) => sent.push(piece));
    incoming.on('end', () => {
      const target = new URL(incoming.url ?? '/', dashboard);
      const { method = 'GET' } = incoming;
      const isPackage = target.pathname.startsWith('/api/packages');
      const said = method === 'POST' && !isPackage ? { sent: Buffer.concat(sent).toString() } : {};
      /** @param {number} status @param {string} body */
      const keep = (status, body) =>
        exchanges.push({
          method,
          path: target.pathname,
          status,
          body,
          ...said,
          headers: JSON.stringify(incoming.headers),
        });
      const headers = { ...incoming.headers };
      delete headers.host;
      const forward = request(target, { method, headers }, (answered) => {
        /** @type {Buffer[]} */
        const pieces = [];
        answered.on('data', (piece) => pieces.push(piece));
        answered.on('end', () => {
          const body = Buffer.concat(pieces);
          keep(answered.statusCode ?? 0, body.toString());
          outgoing.writeHead(answered.statusCode ?? 502, {
            'content-type': answered.headers['content-type'] ?? 'text/plain',
          });
          outgoing.end(body);
        });
      });
      forward.on('error', () => outgoing.destroy());
      forward.end(Buffer.concat(sent));
    });
  };
  const server = tls === undefined ? http.createServer(answer) : https.createServer(tls, answer);
  const sockets = new WebSocketServer({ server, verifyClient: () => !gate.away });
  sockets.on('connection', (near, incoming) => {
    const path = incoming.url ?? '/';
    const { authorization = '' } = incoming.headers;
    const far = new WebSocket(new URL(path, dashboard.replace('http', 'ws')), {
      headers: { authorization },
      perMessageDeflate: false,
    });
    const headers = JSON.stringify(incoming.headers);
    const exchange = { method: 'TAIL', path, status: 101, body: '', headers };
    exchanges.push(exchange);
    far.on('message', (data) => {
      exchange.body += data.toString();
      near.send(data.toString());
    });
    far.on('close', () => near.close());
    far.on('error', () => near.terminate());
    near.on('close', () => far.terminate());
    near.on('error', () => far.terminate());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    address: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    exchanges,
    /** Answers nobody any more, and lets go of who is there. */
    leave() {
      gate.away = true;
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
    },
    comeBack: () => void (gate.away = false),
    /** Jobs that were asked for, by their kind. @param {string} kind */
    jobs: (kind) =>
      exchanges.flatMap(({ method, path, sent }) => {
        if (method !== 'POST' || path !== '/api/jobs/' || sent === undefined) return [];
        const asked = JSON.parse(sent);
        return asked.metadata.kind === kind ? [String(asked.submission_id)] : [];
      }),
    close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
}
