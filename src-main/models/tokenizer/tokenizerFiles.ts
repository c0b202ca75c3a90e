/** The tokenizer files of a model folder, or what a GGUF file holds in their place. */
import path from 'node:path';
import { AppError } from '../../util/appError.ts';
import { readTextAtMost } from '../../util/readAtMost.ts';
import { isJsonObject, jsonLimits, readJsonObject, readOptionalJsonObject, type JsonObject } from '../jsonFile.ts';

/** Chat templates in use have up to some 20 kB. */
const maxTemplateCharacters = 1_000_000;

export interface TokenizerFiles {
  /** How errors call the tokenizer: the path of tokenizer.json or of the GGUF file. */
  readonly place: string;
  /** tokenizer.json. */
  readonly tokenizer: JsonObject;
  /** The special tokens by role. */
  readonly special: Readonly<Record<string, string>>;
  /** End tokens and the begin token as generation_config.json and config.json give them. */
  readonly generationEosIds: readonly number[];
  readonly generationBosId: number | undefined;
  readonly chatTemplate: string | undefined;
  /** Largest id of vocabulary and added tokens. */
  readonly largestId: number;
}

/**
 * @throws AppError TOKENIZER_INVALID when tokenizer.json is missing or not valid; CONFIG_INVALID for the other files
 */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const place = path.join(folder, 'tokenizer.json');
  const tokenizer = await readTokenizerJson(place);
  const config = (await readOptionalJsonObject(path.join(folder, 'tokenizer_config.json'))) ?? {};
  const specialMap = (await readOptionalJsonObject(path.join(folder, 'special_tokens_map.json'))) ?? {};
  const generation = (await readOptionalJsonObject(path.join(folder, 'generation_config.json'))) ?? {};
  const model = (await readOptionalJsonObject(path.join(folder, 'config.json'))) ?? {};
  const generationEos = idList(generation['eos_token_id']);
  return {
    place,
    tokenizer,
    special: { ...specialTokens(specialMap), ...specialTokens(config) },
    generationEosIds: generationEos.length > 0 ? generationEos : idList(model['eos_token_id']),
    generationBosId: idList(generation['bos_token_id'] ?? model['bos_token_id'])[0],
    chatTemplate: await readChatTemplate(folder, config),
    largestId: largestIdOf(tokenizer, place),
  };
}

async function readTokenizerJson(place: string): Promise<JsonObject> {
  try {
    return await readJsonObject(place, jsonLimits.tokenizerBytes);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const message =
      error.code === 'FILE_NOT_FOUND'
        ? `${place} does not exist; add the tokenizer.json of the model (older tokenizer files alone cannot be read).`
        : error.message;
    throw new AppError('TOKENIZER_INVALID', message, { cause: error });
  }
}

const roles = ['bos_token', 'eos_token', 'unk_token', 'pad_token', 'sep_token', 'cls_token', 'mask_token'] as const;

/** Special tokens stand as plain strings or as objects with their content. */
function specialTokens(json: JsonObject): Record<string, string> {
  const found: Record<string, string> = {};
  for (const role of roles) {
    const value = json[role];
    const content = isJsonObject(value) ? value['content'] : value;
    if (typeof content === 'string') found[role] = content;
  }
  return found;
}

function idList(value: unknown): number[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((id): id is number => Number.isSafeInteger(id) && Number(id) >= 0);
}

/** chat_template.jinja wins over tokenizer_config.json, as in transformers. */
async function readChatTemplate(folder: string, config: JsonObject): Promise<string | undefined> {
  const file = await readOptionalText(path.join(folder, 'chat_template.jinja'));
  if (file !== undefined) return bounded(file);
  const inConfig = templateOf(config['chat_template']);
  if (inConfig !== undefined) return bounded(inConfig);
  const legacy = await readOptionalJsonObject(path.join(folder, 'chat_template.json'));
  return bounded(templateOf(legacy?.['chat_template']));
}

async function readOptionalText(file: string): Promise<string | undefined> {
  try {
    return await readTextAtMost(file, 4 * maxTemplateCharacters);
  } catch {
    // Absent in most models; one that is larger than any template may be is passed over as a long template is.
    return undefined;
  }
}

/** One template, or a list of named ones of which "default" is for chat. */
function templateOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named: unknown = value.find((item: unknown) => isJsonObject(item) && item['name'] === 'default');
  const template = isJsonObject(named) ? named['template'] : undefined;
  return typeof template === 'string' ? template : undefined;
}

function bounded(template: string | undefined): string | undefined {
  return template !== undefined && template.length <= maxTemplateCharacters ? template : undefined;
}

/** @throws AppError TOKENIZER_INVALID when the vocabulary or the added tokens are not what they must be */
export function largestIdOf(tokenizer: JsonObject, place: string): number {
  const model = tokenizer['model'];
  const vocabulary = isJsonObject(model) ? model['vocab'] : undefined;
  let largest = -1;
  const take = (id: unknown, token: unknown): void => {
    if (!Number.isSafeInteger(id) || Number(id) < 0 || Number(id) >= 2 ** 31) {
      throw tokenizerInvalid(place, `gives the token ${JSON.stringify(token)} the id ${JSON.stringify(id)}`);
    }
    largest = Math.max(largest, Number(id));
  };
  if (Array.isArray(vocabulary)) largest = vocabulary.length - 1;
  else if (isJsonObject(vocabulary)) for (const token of Object.keys(vocabulary)) take(vocabulary[token], token);
  else throw tokenizerInvalid(place, 'has no model with a vocabulary');
  const added = tokenizer['added_tokens'] ?? [];
  if (!Array.isArray(added)) throw tokenizerInvalid(place, 'has added_tokens that are not a list');
  for (const token of added as unknown[]) {
    if (!isJsonObject(token) || typeof token['content'] !== 'string') {
      throw tokenizerInvalid(place, 'has an added token without content');
    }
    take(token['id'], token['content']);
  }
  return largest;
}

export function tokenizerInvalid(place: string, fault: string): AppError {
  return new AppError(
    'TOKENIZER_INVALID',
    `${place} ${fault}; take the tokenizer files from the model’s source again.`,
  );
}
