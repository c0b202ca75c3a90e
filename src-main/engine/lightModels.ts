import { stat } from 'node:fs/promises';
import path from 'node:path';
import { openModel } from '../models/open.ts';
import type { ModelSummary } from '../contract/model.ts';
import type { Tokenizer } from '../models/types.ts';

/** What is needed of a model to lay out rows: no weights. */
export interface LightModel {
  readonly tokenizer: Tokenizer;
  readonly summary: ModelSummary;
}

/** Files of a model folder that its tokenizer and template come from. */
const relevantFiles = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'generation_config.json',
];

/** Keeps the tokenizer of the last model, until its files change: a page of rows then needs no opening of the model. */
export class LightModels {
  #kept: { readonly identity: string; readonly model: LightModel } | undefined;

  /** Errors as opening a model and its tokenizer. */
  async open(modelPath: string, signal: AbortSignal): Promise<LightModel> {
    const identity = await identityOf(modelPath);
    if (this.#kept?.identity === identity) return this.#kept.model;
    const opened = await openModel(modelPath, signal);
    try {
      const model = { tokenizer: await opened.tokenizer(), summary: opened.summary };
      this.#kept = { identity, model };
      return model;
    } finally {
      await opened.close();
    }
  }
}

async function identityOf(modelPath: string): Promise<string> {
  const files = [modelPath, ...relevantFiles.map((name) => path.join(modelPath, name))];
  const stats = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return JSON.stringify([modelPath, ...stats.map((each) => [each?.size, each?.mtimeMs, each?.ino])]);
}
