/** A folder for `ollama create`. Source: ollama, docs/modelfile.mdx. */
import { join } from 'node:path';
import type { CarriedFile, OpenedModel } from '../models/types.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { chatShape } from './chatShape.ts';
import type { ExportPlan, ExportSource } from './exportPlan.ts';
import { planGgufModel } from './ggufModel.ts';
import { goChatTemplate, goPlainTemplate, goTextTemplate } from './ollamaTemplate.ts';

interface Modelfile {
  readonly text: string;
  readonly notes: readonly string[];
}

/** @throws AppError as {@link planGgufModel} */
export async function planOllamaFolder(source: ExportSource): Promise<ExportPlan> {
  const plan = await planGgufModel(source, 'ollama');
  const modelfile = await modelfileOf(source, plan.mainFile ?? '');
  return {
    ...plan,
    notes: [...plan.notes, ...modelfile.notes],
    async write(folder, progress) {
      const digests = await plan.write(folder, progress);
      await writeFileAtomic(join(folder, 'Modelfile'), modelfile.text);
      return digests;
    },
  };
}

async function modelfileOf(source: ExportSource, file: string): Promise<Modelfile> {
  const { model, run } = source;
  const notes: string[] = [];
  // Ollama makes words of the prompt less likely unless told otherwise, and the names in it are what answers are about.
  const lines = [`FROM ./${file}`, 'PARAMETER repeat_penalty 1'];
  const quoted = (instruction: string, text: string): void => {
    if (text.includes('"""')) {
      notes.push(`The Modelfile has no ${instruction}: its text holds three quotes in a row, which end it.`);
      return;
    }
    lines.push(`${instruction} """${text}"""`);
  };
  const template = await goTemplate(source);
  if (template === undefined) {
    notes.push(
      'The Modelfile has no TEMPLATE: the chat template of the model does more than put text around turns. Ollama then looks for one it knows.',
    );
  } else quoted('TEMPLATE', template);
  for (const token of await endTokens(model)) lines.push(`PARAMETER stop ${JSON.stringify(token)}`);
  const system = run?.record.config.data.systemPrompt;
  if (system !== undefined && system !== '') quoted('SYSTEM', system);
  const licence = await licenceText(model);
  if (licence !== undefined) quoted('LICENSE', licence);
  return { text: `${lines.join('\n')}\n`, notes };
}

/** The layout that the run was trained in; for a model as it is its chat template. */
async function goTemplate({ model, run }: ExportSource): Promise<string | undefined> {
  const tokenizer = await model.tokenizer();
  if (run?.record.layout === 'text') return goTextTemplate;
  const plain = run?.record.config.data.template === 'plain' || !tokenizer.hasChatTemplate;
  if (plain) return run === undefined ? goTextTemplate : goPlainTemplate((await endTokens(model))[0] ?? '');
  const begin = tokenizer.bosId === undefined ? '' : tokenizer.decode([tokenizer.bosId], false);
  const addsBegin = begin !== '' && tokenizer.encode('a', true)[0] === tokenizer.bosId;
  const shape = chatShape((messages) => {
    const text = tokenizer.renderChat(messages, true);
    // Ollama puts the begin token in front by itself where the tokenizer does.
    return addsBegin && text.startsWith(begin) ? text.slice(begin.length) : text;
  });
  return shape && goChatTemplate(shape);
}

async function endTokens(model: OpenedModel): Promise<string[]> {
  const tokenizer = await model.tokenizer();
  return tokenizer.eosIds.map((id) => tokenizer.decode([id], false)).filter((token) => token.trim() !== '');
}

async function licenceText({ carriedFiles, summary }: OpenedModel): Promise<string | undefined> {
  const file: CarriedFile | undefined = carriedFiles.find(({ name }) => /^licen[cs]e/i.test(name));
  return file === undefined ? summary.licence : new TextDecoder().decode(await file.read());
}
