import { formatBytes } from '../contract/format.ts';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { diagnosticsText, logLines } from '../contract/diagnostics.ts';
import type { EngineReport, NoGpuCause } from '../contract/results.ts';
import type { FixedThreads, SpeedMeasurement } from '../contract/speed.ts';
import { AppError, toErrorShape } from '../util/appError.ts';
import { appVersion } from '../util/appVersion.ts';
import { appStateFolder, logTail, privateNames, shownEnvironment } from '../util/diagnosticsSources.ts';
import { keptSpeed } from '../speed/keptSpeed.ts';
import { fixedThreads } from '../speed/threadVariables.ts';
import { writeError } from '../util/fsAtomic.ts';
import type { Command, CommandCall } from './command.ts';
import { measureSpeed, rateLines } from './measureSpeed.ts';
import { flag, text } from './optionValues.ts';

/** What to do where no GPU is used. */
const gpuFixes: Readonly<Record<NoGpuCause, string>> = {
  'cpu-build': 'with an NVIDIA card and its driver: npm run setup -- --gpu (about 3 GB)',
  mac: 'not possible on macOS',
  'no-driver': 'with an NVIDIA card: install its driver and restart',
  'no-device': 'update the NVIDIA driver, see that nvidia-smi lists the card, then npm run setup -- --gpu',
};

/** Says what this computer uses: backend, device, why no GPU, versions, memory. */
export const doctor: Command = {
  name: 'doctor',
  usage: '',
  positionals: 0,
  summary: 'Say what this computer uses: TensorFlow, device, threads, memory.',
  options: {
    measure: {
      type: 'boolean',
      description: 'Measure with which number of threads the engine is fastest, and keep it for app and command line.',
    },
    rate: {
      type: 'boolean',
      description: 'Measure the speed of this one process, with the threads that it was started with.',
    },
    diagnostics: {
      type: 'string',
      value: 'FILE',
      description: 'Show what a report of a fault needs, without anything private, and save it.',
    },
  },
  async run(call) {
    const { output, options, run } = call;
    const file = text(options, 'diagnostics');
    if (file !== undefined) return saveDiagnostics(call, file);
    if (flag(options, 'measure')) return measureSpeed(call);
    if (flag(options, 'rate')) {
      const rate = await run('speed.measure', {});
      if (output.json) output.value(rate);
      else for (const line of rateLines([rate])) output.line(line);
      return;
    }
    // Before the engine is loaded, which takes over what was kept.
    const fixed = fixedThreads(process.env);
    const speed = await keptSpeed();
    const report = await run('engine.report', {});
    if (output.json) {
      output.value({ ...report, ...(speed === undefined ? {} : { speed }) });
      return;
    }
    const rows: readonly (readonly [string, string])[] = [
      [
        'Engine',
        `${report.package} ${report.packageVersion} on TensorFlow ${report.tensorflowVersion} (${report.flavour} build)`,
      ],
      ['Device', report.noGpuReason === undefined ? report.device : `${report.device}: ${report.noGpuReason}`],
      ...(report.noGpuCause === undefined ? [] : [['To use a GPU', gpuFixes[report.noGpuCause]] as const]),
      ['Processor', `${report.cpu}, ${report.cores} cores, ${report.threads} engine threads`],
      ['Threads', threadsText(fixed, speed)],
      ['oneDNN', report.oneDnn ? 'on' : 'off: set TF_ENABLE_ONEDNN_OPTS=1 before the start'],
      ['Memory', `${formatBytes(report.availableMemory)} available of ${formatBytes(report.totalMemory)}`],
      ['Node', report.node],
      ['Start', `${report.startMilliseconds.toFixed(0)} ms to load the engine`],
    ];
    for (const [name, value] of rows) output.line(`${name.padEnd(12)} ${value}`);
  },
};

function threadsText(fixed: FixedThreads | undefined, speed: SpeedMeasurement | undefined): string {
  if (fixed !== undefined) return `as ${fixed.variable} of the environment says`;
  if (speed === undefined)
    return 'all cores, since nothing was measured; sara doctor --measure finds the fastest number';
  return `${String(speed.threads)} chosen by the measurement of ${speed.measuredAt.slice(0, 10)}: ${rateLines(speed.rates).join(', ')}`;
}

/** Shows the whole file first; on a terminal it is saved after a yes. */
async function saveDiagnostics({ output, run }: CommandCall, file: string): Promise<void> {
  const state = appStateFolder();
  let report: EngineReport | string;
  try {
    report = await run('engine.report', {});
  } catch (error) {
    report = toErrorShape(error).message;
  }
  const facts = {
    madeAt: new Date().toISOString(),
    appVersion,
    platform: `${process.platform} ${process.arch}`,
    versions: { node: process.versions.node },
    report,
    settings: undefined,
    training: undefined,
    environment: shownEnvironment(process.env),
    log: await logTail(path.join(state, 'logs'), logLines),
  };
  const content = diagnosticsText(facts, privateNames(path.resolve(__dirname, '..', '..'), state));
  if (output.json) output.value({ file, text: content });
  else output.line(content);
  if ((await output.ask?.(`Save this as ${file}?`)) === false) return;
  try {
    await writeFile(file, content, { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new AppError('TARGET_EXISTS', `${file} exists; choose another name.`, { cause: error });
    }
    throw writeError(path.resolve(file), error);
  }
  output.note(`Saved as ${file}. Nothing was sent anywhere.`);
}
