/** A conversation in Ollama: turns laid out as they were learnt, the same answer, and its end. Skipped where it is not installed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openModel } from '../../src-main/models/open.ts';
import { registryModelPath } from '../../src-main/samples/sampleModels.ts';
import { chatWith, exportRun, trainRun } from '../support/exportRuns.ts';
import { ollamaProgram, startOllama } from './ollama.ts';

const smollm2 = registryModelPath('smollm2-135m-instruct');

test.skipIf(ollamaProgram === undefined || smollm2 === undefined)(
  'Ollama lays out a conversation as this app does, answers alike and ends',
  async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'sara-interop-'));
    const ollama = await startOllama(ollamaProgram ?? '', path.join(folder, 'ollama'));
    try {
      const model = smollm2 ?? '';
      const data = path.join(folder, 'rows.jsonl');
      const rows = ['red', 'blue', 'green', 'black'].map((colour) => ({
        prompt: colour,
        completion: `A ${colour} hat.`,
      }));
      await writeFile(data, rows.map((row) => JSON.stringify(row)).join('\n'));
      const run = await trainRun(model, path.join(folder, 'trained'), {
        method: { name: 'sara', threshold: 0.02 },
        targets: ['q_proj', 'v_proj'],
        steps: 4,
        sequenceLength: 64,
        data: { path: data, systemPrompt: 'Say what hat it is.', validationShare: 0.25 },
      });
      await exportRun(run, 'ollama', path.join(folder, 'hats'), { quant: 'f32' });
      await ollama.create('hats', path.join(folder, 'hats'));
      await exportRun(run, 'hf', path.join(folder, 'merged'), { dtype: 'f32' });
      const question = { role: 'user', content: 'yellow' } as const;
      const system = { role: 'system', content: 'Say what hat it is.' } as const;
      const own = await chatWith(path.join(folder, 'merged'), [system, question], 32);
      // The Modelfile says what the system turn is.
      const found = await ollama.chat('hats', [question], 32);
      const opened = await openModel(model, new AbortController().signal);
      const tokenizer = await opened.tokenizer();
      const prompt = tokenizer.encode(tokenizer.renderChat([system, question], true), false);
      await opened.close();
      expect(found.promptTokens).toBe(prompt.length);
      expect(found.text).toBe(own.text);
      expect([found.ended, own.stopped]).toEqual(['stop', 'end-token']);
    } finally {
      await ollama.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
  600_000,
);
