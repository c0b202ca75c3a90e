/**
 * The parts of the Hugging Face hub's HTTP interface that publishing needs: whoami, repositories, preupload, LFS batch
 * with single and multipart uploads, commits as NDJSON. Faults can be put into its way.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const hubToken = 'hf_LocalTestTokenThatMustNotLeak';

/** What happens to a request instead of its answer: a status, the connection cut in the middle, or silence. */
type Fault = number | 'cut' | 'silence';

interface Repository {
  readonly private: boolean;
  /** Content of each file after the last commit. */
  readonly files: Map<string, Buffer>;
  commits: number;
}

export interface UploadHub {
  readonly url: string;
  /** `METHOD /path` of every request that came. */
  readonly requests: string[];
  readonly repositories: Map<string, Repository>;
  /** Objects of large files by their sha256; they stay when no commit follows. */
  readonly blobs: Map<string, Buffer>;
  /** Storage addresses that were sent the token, which belongs to the hub alone. */
  readonly leaks: string[];
  /** Does this to the next `times` requests whose `METHOD /path` matches. */
  fail(pattern: RegExp, fault: Fault, times?: number): void;
  /** No more faults. */
  recover(): void;
  close(): Promise<void>;
}

/** Files of more bytes are uploaded in parts of this size. */
const partBytes = 200_000;

export async function startUploadHub(): Promise<UploadHub> {
  const faults: { pattern: RegExp; fault: Fault; left: number }[] = [];
  const parts = new Map<string, Map<number, Buffer>>();
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hub: UploadHub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    repositories: new Map(),
    blobs: new Map(),
    leaks: [],
    fail: (pattern, fault, times = 1) => void faults.push({ pattern, fault, left: times }),
    recover: () => void faults.splice(0),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hub;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method ?? ''} ${request.url ?? ''}`;
    hub.requests.push(line);
    const injected = faults.find(({ pattern, left }) => left > 0 && pattern.test(line));
    if (injected !== undefined) {
      injected.left -= 1;
      if (injected.fault === 'silence') return;
      if (injected.fault === 'cut') {
        await new Promise((resolve) => request.once('data', resolve).once('end', resolve));
        request.destroy();
        return;
      }
    }
    const body = await bodyOf(request);
    if (injected !== undefined) return send(response, injected.fault as number, { error: 'Injected fault' });
    const { pathname } = new URL(request.url ?? '', hub.url);
    const authorised = request.headers.authorization === `Bearer ${hubToken}`;
    if (pathname.startsWith('/storage/')) {
      if (request.headers.authorization !== undefined) hub.leaks.push(line);
      return storage(pathname, body, response);
    }
    if (!authorised) return send(response, 401, { error: 'Invalid credentials in Authorization header' });
    return api(pathname, body, response);
  }

  function api(pathname: string, body: Buffer, response: ServerResponse): void {
    if (pathname === '/api/whoami-v2') return send(response, 200, { type: 'user', name: 'mara', auth: {} });
    if (pathname === '/api/repos/create') return createRepository(body, response);
    const lfs = /^\/([^/]+\/[^/]+)\.git\/info\/lfs\/objects\/batch$/.exec(pathname)?.[1];
    const [, name = lfs ?? '', action = ''] =
      /^\/api\/models\/([^/]+\/[^/]+)(?:\/(preupload|commit|revision)\/(?:main|HEAD))?$/.exec(pathname) ?? [];
    const repository = hub.repositories.get(name);
    if (repository === undefined) return send(response, 404, { error: 'Repository not found' });
    if (lfs !== undefined) return batch(body, response);
    if (action === 'preupload') return preupload(body, response);
    if (action === 'commit') return commit(name, repository, body, response);
    send(response, 200, {
      _id: '1',
      id: name,
      private: repository.private,
      downloads: 0,
      likes: 0,
      gated: false,
      lastModified: new Date(0),
    });
  }

  function createRepository(body: Buffer, response: ServerResponse): void {
    const { name, organization, visibility } = JSON.parse(body.toString()) as Record<string, string>;
    const id = `${organization ?? 'mara'}/${name ?? ''}`;
    if (hub.repositories.has(id)) return send(response, 409, { error: 'You already created this model repo' });
    hub.repositories.set(id, { private: visibility === 'private', files: new Map(), commits: 0 });
    send(response, 200, { url: `${hub.url}/${id}`, id });
  }

  function preupload(body: Buffer, response: ServerResponse): void {
    const { files } = JSON.parse(body.toString()) as { files: { path: string }[] };
    send(response, 200, {
      files: files.map(({ path }) => ({
        path,
        uploadMode: /\.(safetensors|gguf)$/.test(path) ? 'lfs' : 'regular',
        shouldIgnore: false,
      })),
    });
  }

  function batch(body: Buffer, response: ServerResponse): void {
    const { objects } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] };
    send(response, 200, {
      transfer: 'basic',
      objects: objects.map(({ oid, size }) => {
        if (hub.blobs.has(oid)) return { oid, size };
        const href = `${hub.url}/storage/${oid}`;
        if (size <= partBytes) return { oid, size, actions: { upload: { href } } };
        const numbers = Array.from({ length: Math.ceil(size / partBytes) }, (_, i) => String(i + 1).padStart(5, '0'));
        const header = Object.fromEntries(numbers.map((number) => [number, `${href}/${number}`]));
        return {
          oid,
          size,
          actions: { upload: { href: `${href}/complete`, header: { ...header, chunk_size: String(partBytes) } } },
        };
      }),
    });
  }

  function storage(pathname: string, body: Buffer, response: ServerResponse): void {
    const [, , oid = '', part] = pathname.split('/');
    const own = parts.get(oid) ?? new Map<number, Buffer>();
    parts.set(oid, own);
    if (part !== undefined && part !== 'complete') {
      own.set(Number(part), body);
      response.setHeader('etag', `"${createHash('sha1').update(body).digest('hex')}"`);
      return send(response, 200, {});
    }
    const whole =
      part === undefined ? body : Buffer.concat([...own].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
    if (createHash('sha256').update(whole).digest('hex') !== oid) return send(response, 400, { error: 'Wrong hash' });
    hub.blobs.set(oid, whole);
    send(response, 200, {});
  }

  function commit(name: string, repository: Repository, body: Buffer, response: ServerResponse): void {
    const lines = body
      .toString()
      .split('\n')
      .map((line) => JSON.parse(line) as { key: string; value: Record<string, string> });
    for (const { key, value } of lines) {
      const { path = '', content = '', oid = '' } = value;
      const large = hub.blobs.get(oid);
      if (key === 'lfsFile' && large === undefined) return send(response, 400, { error: `No object for ${path}` });
      if (key === 'file') repository.files.set(path, Buffer.from(content, 'base64'));
      else if (large !== undefined) repository.files.set(path, large);
    }
    repository.commits += 1;
    const commitOid = createHash('sha1').update(body).digest('hex');
    send(response, 200, {
      success: true,
      commitOid,
      commitUrl: `${hub.url}/${name}/commit/${commitOid}`,
      hookOutput: '',
    });
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(content));
}
