import { formatBytes } from '../contract/format.ts';
import type { Command } from './command.ts';

/** Says what this computer uses: backend, device, why no GPU, versions, memory. */
export const doctor: Command = {
  name: 'doctor',
  usage: '',
  positionals: 0,
  summary: 'Say what this computer uses: TensorFlow, device, threads, memory.',
  options: {},
  async run({ output, run }) {
    const report = await run('engine.report', {});
    if (output.json) {
      output.value(report);
      return;
    }
    const rows: readonly (readonly [string, string])[] = [
      [
        'Engine',
        `${report.package} ${report.packageVersion} on TensorFlow ${report.tensorflowVersion} (${report.flavour} build)`,
      ],
      ['Device', report.noGpuReason === undefined ? report.device : `${report.device}: ${report.noGpuReason}`],
      ['Processor', `${report.cpu}, ${report.cores} cores, ${report.threads} engine threads`],
      ['oneDNN', report.oneDnn ? 'on' : 'off: set TF_ENABLE_ONEDNN_OPTS=1 before the start'],
      ['Memory', `${formatBytes(report.availableMemory)} available of ${formatBytes(report.totalMemory)}`],
      ['Node', report.node],
      ['Start', `${report.startMilliseconds.toFixed(0)} ms to load the engine`],
    ];
    for (const [name, value] of rows) output.line(`${name.padEnd(10)} ${value}`);
  },
};
