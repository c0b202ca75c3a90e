import { formatBytes } from '../contract/format.ts';
import { targetNameSchema, targetSchema } from '../contract/targets.schema.ts';
import type { TargetReport } from '../contract/targets.ts';
import { AppError } from '../util/appError.ts';
import { readTargets, removeTarget, saveTarget } from '../targets/targetFile.ts';
import type { Command, CommandCall, CommandOutput } from './command.ts';
import { text, validated, withoutUndefined } from './optionValues.ts';
import { targetCall, targetOptions, targetsFile } from './targetOptions.ts';
import { table } from './terminal.ts';

const { 'ask-token': askToken } = targetOptions;

/** Clusters that trainings may be sent to. */
export const targets: Command = {
  name: 'targets',
  usage: '[add NAME --address URL --storage PLACE | remove NAME | test NAME]',
  positionals: 0,
  morePositionals: true,
  summary: 'List, add, remove and test Ray clusters that trainings may be sent to.',
  options: {
    address: { type: 'string', value: 'URL', description: 'Of the dashboard, e.g. http://head:8265.' },
    storage: {
      type: 'string',
      value: 'PLACE',
      description: 'Folder that every node sees at the same path, or a URL such as s3://bucket/folder.',
    },
    ssh: { type: 'string', value: '[USER@]HOST[:PORT]', description: 'Reach the dashboard through ssh.' },
    proxy: { type: 'string', value: 'URL', description: 'HTTP proxy on the way to the dashboard.' },
    certificate: { type: 'string', value: 'FILE', description: 'Certificate authority of the dashboard (PEM).' },
    ...(askToken === undefined ? {} : { 'ask-token': askToken }),
  },
  async run(call) {
    const [action, name] = call.positionals;
    if (action === undefined) return list(call.output);
    if (name === undefined) throw new AppError('USAGE', `sara targets ${action} needs the name of a target.`);
    const named = validated(targetNameSchema, name, { '': 'NAME' });
    if (action === 'add') return add(named, call);
    if (action === 'remove') {
      await removeTarget(targetsFile(), named);
      return list(call.output);
    }
    if (action === 'test') return test(named, call);
    throw new AppError('USAGE', `There is no action ${action}; sara targets takes add, remove and test.`);
  },
};

async function list(output: CommandOutput): Promise<void> {
  const known = await readTargets(targetsFile());
  if (output.json) return output.value(known);
  if (known.length === 0) return output.line('No targets yet: sara targets add NAME --address URL --storage PLACE.');
  output.line(
    table(
      ['target', 'address', 'storage', 'way'],
      known.map(({ name, address, storage, tunnel, proxy }) => [
        name,
        address,
        storage,
        tunnel !== undefined ? `ssh ${tunnel.host}` : (proxy ?? 'direct'),
      ]),
    ),
  );
}

async function add(name: string, { options, output }: CommandCall): Promise<void> {
  const given = withoutUndefined({
    name,
    address: text(options, 'address'),
    storage: text(options, 'storage'),
    proxy: text(options, 'proxy'),
    certificate: text(options, 'certificate'),
    tunnel: tunnelFrom(text(options, 'ssh')),
  });
  const places = {
    address: '--address',
    storage: '--storage',
    proxy: '--proxy',
    'tunnel.host': '--ssh',
    'tunnel.user': '--ssh',
  };
  const target = validated(targetSchema, given, places);
  await saveTarget(targetsFile(), target);
  if (output.json) output.value(target);
  else output.line(`Added. sara targets test ${name} says what is there.`);
}

function tunnelFrom(value: string | undefined): object | undefined {
  if (value === undefined) return undefined;
  const [, user, host, port] = /^(?:([^@]*)@)?([^@:]*|\[[^\]]*\])(?::(\d+))?$/.exec(value) ?? [];
  return withoutUndefined({ host: host ?? value, user, port: port === undefined ? undefined : Number(port) });
}

async function test(name: string, call: CommandCall): Promise<void> {
  call.output.progress(`asking ${name} …`);
  const report = await call.run('target.test', { target: await targetCall(name, call) });
  if (call.output.json) call.output.value(report);
  else show(report, call.output);
  if (!report.fit)
    throw new AppError('TARGET_UNFIT', `${name} cannot run trainings yet: ${report.warnings[0] ?? 'see above'}`);
}

function show(report: TargetReport, output: CommandOutput): void {
  const rows = report.nodes.map(
    ({ address, cpus, gpus, memoryBytes, freeDiskBytes, platform, node, ready, problem }) => [
      address,
      String(cpus),
      String(gpus),
      formatBytes(memoryBytes),
      formatBytes(freeDiskBytes),
      platform,
      node ?? 'none',
      problem ?? (ready ? 'ready' : 'set up by the first trial'),
    ],
  );
  output.line(table(['node', 'CPUs', 'GPUs', 'memory', 'disk free', 'platform', 'Node.js', 'engine'], rows));
  const { writable, freeBytes } = report.storage;
  output.line(
    `Ray ${report.rayVersion}; storage ${writable ? 'can be written' : 'cannot be written'}${freeBytes === undefined ? '' : `, ${formatBytes(freeBytes)} free`}.`,
  );
  for (const warning of report.warnings) output.note(warning);
}
