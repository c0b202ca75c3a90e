/** The programs that read exports: asked in one go each, since starting them takes longer than answering. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export interface Job {
  readonly name: string;
  /** What is to be read: `llama.cpp`, or a kind that check.py knows. */
  readonly kind: 'llama.cpp' | 'transformers' | 'peft' | 'mlx' | 'native' | 'gguf' | 'metrics';
  readonly path: string;
  readonly base?: string;
  readonly lora?: string;
  readonly f32?: string;
  readonly tokens: readonly number[];
  readonly texts?: readonly string[];
  readonly hypotheses?: readonly string[];
  readonly references?: readonly (readonly string[])[];
  /** Where logits go. */
  readonly out: string;
}

export interface Answer {
  readonly name: string;
  readonly error?: string;
  readonly missing?: readonly string[];
  readonly unexpected?: readonly string[];
  readonly compared?: number;
  readonly different?: readonly string[];
  /** Largest relative error of what the gguf package reads, by type. */
  readonly errors?: Readonly<Record<string, number>>;
  readonly ids?: readonly (readonly number[])[];
  readonly bleu?: number;
  readonly rougeL?: number;
}

const here = import.meta.dirname;
const run = promisify(execFile);

/** A program that the runner has made ready, by the variable that names it. */
function ready(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`$${variable} is not set; start this with npm run test:interop.`);
  return value;
}

/** The answers by the names of their jobs. */
export async function askAll(jobs: readonly Job[], folder: string): Promise<Map<string, Answer>> {
  const forLlama = jobs.filter(({ kind }) => kind === 'llama.cpp');
  const forPython = jobs.filter(({ kind }) => kind !== 'llama.cpp');
  const python = [ready('SARA_INTEROP_PYTHON'), path.join(here, 'check.py')];
  const llama = [process.execPath, path.join(here, 'llamaCpp.mjs'), ready('SARA_INTEROP_LLAMA')];
  const answers = [
    ...(await ask(python, forPython, folder, 'python')),
    ...(await ask(llama, forLlama, folder, 'llama')),
  ];
  return new Map(answers.map((answer) => [answer.name, answer]));
}

async function ask(
  [program = '', ...parameters]: readonly string[],
  jobs: readonly Job[],
  folder: string,
  name: string,
): Promise<Answer[]> {
  if (jobs.length === 0) return [];
  const [questions, results] = [path.join(folder, `${name}-jobs.json`), path.join(folder, `${name}-results.json`)];
  await writeFile(questions, JSON.stringify(jobs));
  await run(program, [...parameters, questions, results], { maxBuffer: 2 ** 26 });
  return JSON.parse(await readFile(results, 'utf8')) as Answer[];
}

export async function readLogits(file: string): Promise<Float32Array> {
  const bytes = await readFile(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
