import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The parts of the Hugging Face hub's HTTP interface that a download needs, for one repository. */
export interface LocalHub {
  readonly url: string;
  /** `METHOD path range` of every request. */
  readonly requests: string[];
  /** Ends a file's body after this many bytes, once. */
  breakAfter: number | undefined;
  /** Gives every file this content instead of its own. */
  forge: boolean;
  close(): Promise<void>;
}

export async function startLocalHub(repository: string, files: Readonly<Record<string, Buffer>>): Promise<LocalHub> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.range ?? ''}`);
    const url = new URL(request.url ?? '', 'http://localhost');
    if (url.pathname === `/api/models/${repository}/tree/main`) answerTree(response, files);
    else answerFile(request, response, files[decodeURIComponent(url.pathname.split('/resolve/main/')[1] ?? '')], hub);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hub: LocalHub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    breakAfter: undefined,
    forge: false,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hub;
}

function answerTree(response: ServerResponse, files: Readonly<Record<string, Buffer>>): void {
  const entries = Object.entries(files).map(([path, content]) => ({
    type: 'file',
    path,
    size: content.length,
    oid: createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex'),
    ...(path.endsWith('.safetensors')
      ? { lfs: { oid: createHash('sha256').update(content).digest('hex'), size: content.length, pointerSize: 130 } }
      : {}),
  }));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(entries));
}

function answerFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer | undefined,
  hub: LocalHub,
): void {
  if (content === undefined) {
    response.writeHead(404).end();
    return;
  }
  const body = hub.forge ? Buffer.alloc(content.length, 'x') : content;
  const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
  const last = to === '' ? body.length - 1 : Math.min(Number(to), body.length - 1);
  const part = body.subarray(Number(from), last + 1);
  response.setHeader('etag', '"tag"');
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('content-length', part.length);
  if (request.headers.range !== undefined) {
    response.statusCode = 206;
    response.setHeader('content-range', `bytes ${from}-${last}/${body.length}`);
  }
  if (request.method === 'HEAD') response.end();
  else if (hub.breakAfter !== undefined && part.length > hub.breakAfter) {
    response.write(part.subarray(0, hub.breakAfter), () => setTimeout(() => response.destroy(), 50));
    hub.breakAfter = undefined;
  } else response.end(part);
}
