/** Ollama with models of its own, on a port of its own. API: ollama, docs/api.md. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ChatMessage } from '../../src-main/contract/model.ts';

/** Set by the runner where Ollama is installed. */
export const ollamaProgram = process.env['SARA_INTEROP_OLLAMA'];

export interface OllamaAnswer {
  readonly text: string;
  /** Tokens that the prompt became, layout and begin token included. */
  readonly promptTokens: number;
  /** Why it ended: `stop` or `length`. */
  readonly ended: string;
  /** The probabilities of the most probable first tokens, falling; none where the first token ends the answer. */
  readonly first: readonly number[];
}

export interface Ollama {
  /** `ollama create NAME -f FOLDER/Modelfile` */
  create(name: string, folder: string): Promise<void>;
  /** Goes on with a text as it is. */
  continue(name: string, prompt: string): Promise<OllamaAnswer>;
  chat(name: string, messages: readonly ChatMessage[], longest: number): Promise<OllamaAnswer>;
  stop(): Promise<void>;
}

/** Most that Ollama tells. */
export const toldTokens = 20;

/** One thread and a short context: several threads wait for each other on a busy machine. */
const options = { temperature: 0, seed: 1, num_thread: 1, num_ctx: 256 };

export async function startOllama(program: string, folder: string): Promise<Ollama> {
  const host = `127.0.0.1:${await freePort()}`;
  const env = {
    ...process.env,
    HOME: folder,
    OLLAMA_HOST: host,
    OLLAMA_MODELS: path.join(folder, 'models'),
    OLLAMA_NO_CLOUD: '1',
    OLLAMA_KEEP_ALIVE: '5s',
  };
  const server = spawn(program, ['serve'], { env, stdio: 'ignore' });
  await untilItAnswers(`http://${host}/api/version`);
  const ask = async (route: string, body: object): Promise<OllamaAnswer> => {
    const asked = { stream: false, logprobs: true, top_logprobs: toldTokens, ...body };
    const response = await fetch(`http://${host}/api/${route}`, { method: 'POST', body: JSON.stringify(asked) });
    const text = await response.text();
    if (!response.ok) throw new Error(`Ollama: ${text}`);
    return answerOf(JSON.parse(text) as Reply);
  };
  return {
    async create(name, place) {
      await promisify(execFile)(program, ['create', name, '-f', path.join(place, 'Modelfile')], { env });
    },
    continue: (name, prompt) =>
      ask('generate', { model: name, prompt, raw: true, options: { ...options, num_predict: 1 } }),
    chat: (name, messages, longest) =>
      ask('chat', { model: name, messages, options: { ...options, num_predict: longest } }),
    async stop() {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    },
  };
}

interface Reply {
  readonly response?: string;
  readonly message?: { readonly content: string };
  readonly done_reason: string;
  readonly prompt_eval_count: number;
  readonly logprobs?: readonly { readonly top_logprobs: readonly { readonly logprob: number }[] }[];
}

function answerOf({ response, message, done_reason: ended, prompt_eval_count: promptTokens, logprobs }: Reply) {
  const first = (logprobs?.[0]?.top_logprobs ?? []).map(({ logprob }) => Math.exp(logprob));
  return { text: response ?? message?.content ?? '', ended, promptTokens, first };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilItAnswers(url: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const answers = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return;
    if (attempt === 150) throw new Error(`Ollama does not answer at ${url}.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
