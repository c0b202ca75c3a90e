import { join } from 'node:path';
import type { ExportFormat } from '../contract/exportFormats.ts';
import type { ExportResult, FailedProof, ProgressEvent } from '../contract/results.ts';
import type { OpenedModel } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { answersOf, placesBeforeEnds, type Endings } from './answers.ts';
import { baseRounding } from './baseRounding.ts';
import { shortenedRows } from './shortenedRows.ts';
import { contentCheck, tensorCheck } from './exportChecks.ts';
import type { ExportPlan, ExportSource, Probe } from './exportPlan.ts';
import { exportReport, reportFile } from './exportReport.ts';
import { frozenGateNote, lossOf } from './frozenGates.ts';
import { hashFiles } from './hashFiles.ts';
import { likelyCause } from './likelyCause.ts';
import { openOutput } from './outputFolder.ts';
import { planExport } from './planExport.ts';
import { prove } from './prove.ts';
import { tensorList } from './tensorList.ts';

/** Room for tokenizer files, configuration, model card and report in the check of free space. */
const otherFilesBytes = 32e6;

/**
 * Writes a run or a model in a format and proves it: the written files are read again, alone, and the output only comes
 * into being when they answer like the model in memory within the bounds of `exportBounds.ts`.
 * @param out a folder that does not exist yet or is empty; for one GGUF also a name that ends in .gguf
 * @throws AppError SETTINGS_INVALID, TARGET_EXISTS, NOT_WRITABLE, DISK_FULL, NON_FINITE, NOT_MERGEABLE, VERIFICATION_FAILED, CANCELLED and
 *   what {@link planExport} throws; nothing half-written is left then
 */
export async function writeExport(
  source: ExportSource,
  format: ExportFormat,
  out: string,
  wholeProbe: Probe,
  onProgress: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<ExportResult> {
  const { frozenGates } = source;
  const plan = await planExport(source, format);
  const probe = plan.longestRow === undefined ? wholeProbe : shortenedRows(wholeProbe, plan.longestRow);
  const bytes = plan.tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  // Ollama needs the Modelfile beside the weights.
  const output = await openOutput(out, bytes + otherFilesBytes, format === 'ollama' ? undefined : plan.mainFile);
  try {
    const digests = await plan.write(output.staging, {
      signal,
      onProgress: (done, total) => onProgress({ phase: 'Writing the weights', done, total }),
    });
    onProgress({ phase: 'Checking the written files', done: 0, total: 1 });
    const written = await hashFiles(output.staging, signal);
    const from = await endingsFor(source.model, plan, probe);
    const reference = await answersOf(source.kernels, source.model, source.adapters, probe, signal, from);
    const content = digests.size === 0 ? [] : [contentCheck(digests, written)];
    const planned = tensorCheck(plan.tensors, await tensorList(output.staging));
    const path = plan.mainFile === undefined ? output.staging : join(output.staging, plan.mainFile);
    const proof = await prove(source, { format, path }, plan.type, reference, probe, signal);
    const checks = [planned, ...content, ...proof.checks];
    const failed = checks.find((check) => !check.passed);
    if (failed) {
      const cause = likelyCause(checks, plan.type);
      throw new AppError(
        'VERIFICATION_FAILED',
        `The files written for ${output.target} do not answer like the model in memory: "${failed.name}" gives ${failed.value}, needed is: ${failed.bound}. Likely cause: ${cause}. Nothing was kept.`,
        { details: { checks, likelyCause: cause } satisfies FailedProof },
      );
    }
    const rounding = plan.weights && (await baseRounding(source, reference.logits, probe, onProgress, signal));
    const files = output.named(written);
    const result: ExportResult = {
      out: output.target,
      files,
      ...proof.comparison,
      checks,
      format,
      type: plan.type,
      ...(frozenGates === undefined ? {} : { frozenGates: lossOf(frozenGates) }),
      notes: [...(frozenGates === undefined ? [] : [frozenGateNote(frozenGates)]), ...plan.notes],
      tensors: plan.tensors,
      ...(rounding === undefined ? {} : { baseRounding: rounding }),
    };
    await writeFileAtomic(join(output.staging, reportFile), exportReport(source, plan, result));
    await output.commit();
    onProgress({ phase: 'Checking the written files', done: 1, total: 1 });
    return result;
  } catch (error) {
    // People know the folder they chose, not the unfinished one beside it.
    if (!(error instanceof AppError) || !error.message.includes(output.staging)) throw error;
    const { code, details } = error;
    throw new AppError(code, error.message.replaceAll(output.staging, output.target), { details, cause: error });
  } finally {
    await output.discard();
  }
}

/**
 * Weights that are written without rounding are proven bit for bit, and with them every answer: then the ends in the rows
 * are enough, where there are some. Rounded weights must show in generated answers that they still end.
 */
async function endingsFor(model: OpenedModel, plan: ExportPlan, probe: Probe): Promise<Endings> {
  const { eosIds } = await model.tokenizer();
  const exact = plan.format === 'hf' && plan.tensors.every(({ type }) => type === 'F32');
  return exact && placesBeforeEnds(probe.batch, new Set(eosIds)).length > 0 ? 'in the rows' : 'generated';
}
