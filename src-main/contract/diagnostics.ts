/** The diagnostics file: what a report of a fault needs, and nothing private. Pure; the same in window and command line. */
import { formatBytes } from './format.ts';
import { withoutPrivate, type PrivateNames } from './privateText.ts';
import type { EngineReport } from './results.ts';
import type { Project, Settings } from './settings.schema.ts';

export interface DiagnosticsFacts {
  readonly madeAt: string;
  readonly appVersion: string;
  readonly platform: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Undefined with the reason where the engine did not answer. */
  readonly report: EngineReport | string;
  readonly settings: Settings | undefined;
  /** Settings of the training in the wizard; texts and paths of it are left out here. */
  readonly training: Project['config'];
  /** Variables that change what the engine does, of which values are shown. */
  readonly environment: Readonly<Record<string, string>>;
  /** Newest last. */
  readonly log: readonly string[];
}

/** Log lines that are kept. */
export const logLines = 400;

/** Settings of a training that hold paths or texts of the person. */
const privateSettings = new Set(['model', 'data', 'samplePrompts']);

/** The whole file as it is shown and saved. */
export function diagnosticsText(facts: DiagnosticsFacts, names: PrivateNames): string {
  const { report } = facts;
  const engine = typeof report === 'string' ? [`The engine did not answer: ${report}`] : engineLines(report);
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Versions', [`SARA Studio ${facts.appVersion}`, `System ${facts.platform}`, ...pairs(facts.versions)]],
    ['What this computer is using', engine],
    ['Settings', facts.settings === undefined ? ['none kept'] : pairs(facts.settings)],
    ['Settings of the training', pairs(publicSettings(facts.training))],
    ['Environment', pairs(facts.environment)],
    [
      `Log, the last ${String(logLines)} lines at most`,
      facts.log.length === 0 ? ['empty'] : facts.log.slice(-logLines),
    ],
  ];
  const body = sections.map(([title, lines]) => `## ${title}\n\n${withoutPrivate(lines.join('\n'), names)}\n`);
  return [
    `# SARA Studio: diagnostics\n\nMade ${facts.madeAt}. Nothing of it was sent anywhere.`,
    'Paths, names of user and computer, tokens, addresses and quoted texts are taken out.\n',
    ...body,
  ].join('\n');
}

function engineLines(report: EngineReport): string[] {
  return [
    `Backend ${report.package} ${report.packageVersion}, TensorFlow ${report.tensorflowVersion}, ${report.flavour} build`,
    `Device ${report.device}${report.noGpuReason === undefined ? '' : `: ${report.noGpuReason}`}`,
    `Processor ${report.cpu}, ${String(report.cores)} cores, ${String(report.threads)} engine threads`,
    `oneDNN ${report.oneDnn ? 'on' : 'off'}`,
    `Memory ${formatBytes(report.availableMemory)} available of ${formatBytes(report.totalMemory)}`,
    `Engine ready after ${report.startMilliseconds.toFixed(0)} ms`,
  ];
}

function publicSettings(training: DiagnosticsFacts['training']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(training ?? {}).filter(([name]) => !privateSettings.has(name)));
}

function pairs(values: object): string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${flat(value)}`);
}

/** Without quotation marks, which would be taken for somebody’s text. */
function flat(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(flat).join(' ');
  return Object.entries(value)
    .map(([name, part]) => `${name} ${flat(part)}`)
    .join(', ');
}
