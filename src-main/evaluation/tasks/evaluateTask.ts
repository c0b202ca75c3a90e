import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { OperationContext } from '../../contract/engine.ts';
import type { EvaluateTaskRequest } from '../../contract/requests.schema.ts';
import type { ProgressEvent } from '../../contract/results.ts';
import { taskFacts, type TaskAnswer, type TaskResult, type TaskScoring } from '../../contract/tasks.ts';
import { drawRows } from '../../data/split.ts';
import { wilsonInterval } from '../../metrics/wilson.ts';
import { AppError } from '../../util/appError.ts';
import type { Clock } from '../../util/clock.ts';
import { writeFileAtomic } from '../../util/fsAtomic.ts';
import { greedyAnswers } from '../answers.ts';
import type { EvaluatedModel } from '../evaluateModel.ts';
import { answerLikelihoods } from '../likelihood.ts';
import { contaminationOf, type TrainedPrompts } from './contamination.ts';
import { readTaskRows } from './readTaskRows.ts';
import { tasks } from './registry.ts';
import type { AnswerTask, Task, TaskRow } from './task.ts';
import { candidateIds, promptLayout, questionIds, type PromptLayout } from './taskPrompt.ts';
import { textMetrics, textRule } from './textMetrics.ts';

/** Answers shown with the result, right and wrong ones by turns. */
const examplesShown = 8;

/** How a choice is made by likelihood, one sentence. */
const likelihoodRule =
  'The choice whose statement (“the correct answer is …”) is most probable after the prompt: the sum of the log probabilities of its tokens, the end token left out.';

export interface TaskPlace {
  /** File of the task's rows. */
  readonly data: string;
  /** Where every row's answer is written; nowhere when undefined. */
  readonly answersFile: string | undefined;
  /** The prompts a run was trained on. */
  readonly trained: TrainedPrompts | undefined;
}

interface Run {
  readonly model: EvaluatedModel;
  readonly layout: PromptLayout;
  readonly maxNewTokens: number;
  readonly batchSize: number;
  readonly context: Pick<OperationContext<ProgressEvent>, 'signal' | 'emit'>;
}

/**
 * Asks a model every question of a task and judges the answers; see docs/evaluation.md. Greedy decoding, so that the
 * same model and file give the same result.
 * @throws AppError DATA_INVALID for a file that is not the task's, SETTINGS_INVALID for a way to judge that the task does
 * not have, TEMPLATE_INVALID, TOKENIZER_INVALID, FILE_NOT_FOUND, FILE_UNREADABLE, NOT_WRITABLE, DISK_FULL, CANCELLED
 */
export async function evaluateTask(
  model: EvaluatedModel,
  request: EvaluateTaskRequest,
  { data, answersFile, trained }: TaskPlace,
  clock: Clock,
  context: Pick<OperationContext<ProgressEvent>, 'signal' | 'emit'>,
): Promise<TaskResult> {
  const { signal } = context;
  const begun = clock.now();
  const task = tasks[request.task];
  const facts = taskFacts[request.task];
  const scoring = request.scoring ?? facts.scorings[0];
  if (!facts.scorings.includes(scoring)) {
    throw new AppError('SETTINGS_INVALID', `${facts.title} cannot be judged by ${scoring}; use ${facts.scorings[0]}.`);
  }
  const all = await readTaskRows(data, task, signal);
  const rows = drawRows(all, request.limit, request.seed, 'validation rows');
  const run: Run = {
    model,
    layout: promptLayout(request, model.trained, model.tokenizer),
    maxNewTokens: request.maxNewTokens ?? task.maxNewTokens,
    batchSize: request.batchSize,
    context,
  };
  const answers = await answersOf(task, scoring, rows, run);
  if (answersFile !== undefined) {
    await writeFileAtomic(answersFile, answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
  }
  const contamination = contaminationOf(task, rows, trained);
  const { prompt, systemPrompt } = run.layout;
  return {
    task: request.task,
    title: facts.title,
    model: request.model,
    data,
    dataHash: await hashOf(data, signal),
    rows: rows.length,
    scoring,
    ...judged(task, scoring, answers),
    settings: {
      prompt,
      ...(systemPrompt === undefined || systemPrompt === '' ? {} : { systemPrompt }),
      maxNewTokens: run.maxNewTokens,
      batchSize: run.batchSize,
      temperature: 0,
      seed: request.seed,
    },
    ...(contamination === undefined ? {} : { contamination }),
    ...(answersFile === undefined ? {} : { answersFile }),
    examples: someOf(answers),
    seconds: (clock.now() - begun) / 1000,
  };
}

function judged(
  task: Task,
  scoring: TaskScoring,
  answers: readonly TaskAnswer[],
): Pick<TaskResult, 'rule' | 'accuracy' | 'unanswered' | 'metrics'> {
  if (task.kind === 'text') return { rule: textRule, metrics: textMetrics(answers) };
  const correct = answers.filter((answer) => answer.correct === true).length;
  return {
    rule: scoring === 'likelihood' ? likelihoodRule : task.rule,
    accuracy: { correct, total: answers.length, ...wilsonInterval(correct, answers.length) },
    unanswered: answers.filter((answer) => answer.answer === undefined).length,
  };
}

async function answersOf(task: Task, scoring: TaskScoring, rows: readonly TaskRow[], run: Run): Promise<TaskAnswer[]> {
  if (task.kind !== 'text' && scoring === 'likelihood') return likelyAnswers(task, rows, run);
  const { decoder, tokenizer } = run.model;
  const texts = await greedyAnswers(
    decoder,
    tokenizer,
    rows.map((row) => questionIds(row.prompt, tokenizer, run.layout)),
    run,
    run.context.signal,
    (done, total) => run.context.emit({ phase: 'Answering', done, total }),
  );
  return rows.map((row, i): TaskAnswer => {
    const text = texts[i] ?? '';
    return task.kind === 'text'
      ? { row: row.row, prompt: row.prompt, text, wanted: row.wanted }
      : verdict(task, row, text, task.answerIn(text, row));
  });
}

async function likelyAnswers(task: AnswerTask, rows: readonly TaskRow[], run: Run): Promise<TaskAnswer[]> {
  const { decoder, tokenizer } = run.model;
  const { vocabularySize, contextLength } = decoder.arch;
  const questions = rows.map(({ prompt, choices = [] }) => {
    const candidates = choices.map((choice) =>
      candidateIds(prompt, task.statement?.(choice) ?? choice, tokenizer, run.layout, vocabularySize),
    );
    // A question that does not fit is left without an answer, as it is in generation.
    return candidates.every(({ ids }) => ids.length <= contextLength) ? candidates : [];
  });
  const scores = await answerLikelihoods(decoder, questions, run.batchSize, run.context.signal, (done, total) =>
    run.context.emit({ phase: 'Comparing answers', done, total }),
  );
  return rows.map((row, i) => {
    const own = scores[i] ?? [];
    const best = own.length === 0 ? undefined : row.choices?.[own.indexOf(Math.max(...own))];
    return verdict(task, row, best === undefined ? '' : (task.statement?.(best) ?? best), best);
  });
}

function verdict(task: AnswerTask, row: TaskRow, text: string, answer: string | undefined): TaskAnswer {
  const wanted = row.wanted[0] ?? '';
  return {
    row: row.row,
    prompt: row.prompt,
    text,
    ...(answer === undefined ? {} : { answer }),
    wanted: row.wanted,
    correct: answer !== undefined && task.isRight(answer, wanted),
  };
}

/** The first right and the first wrong answers, half of each where there are enough, in the order of the file. */
function someOf(answers: readonly TaskAnswer[]): TaskAnswer[] {
  const right = answers.filter((answer) => answer.correct !== false);
  const wrong = answers.filter((answer) => answer.correct === false);
  const half = examplesShown / 2;
  const fromRight = right.slice(0, Math.max(half, examplesShown - wrong.length));
  return [...fromRight, ...wrong.slice(0, examplesShown - fromRight.length)].sort((a, b) => a.row - b.row);
}

async function hashOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
