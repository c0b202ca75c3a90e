/** What is there on a cluster, and whether trainings can run on it. */
import type { TargetCall } from '../contract/targets.schema.ts';
import type { ClusterJob, TargetNode, TargetReport } from '../contract/targets.ts';
import { AppError } from '../util/appError.ts';
import { Dashboard } from './dashboard.ts';
import type { DashboardJob } from './dashboard.schema.ts';
import type { FileAnswer } from './driverLine.schema.ts';
import { engineBundle } from './engineBundle.ts';
import { runFileJob } from './fileJob.ts';
import { ensurePackage } from './packages.ts';
import type { ClusterServices } from './runOnTarget.ts';

/** The oldest version of Ray that the driver works with. */
const oldestRay = [2, 9] as const;
/** The native parts of the engine, and room for a run. */
const neededDiskBytes = 3e9;

/** @throws AppError TARGET_UNREACHABLE, TARGET_REFUSED, TARGET_UNFIT when not even a small job runs, CANCELLED */
export async function testTarget(
  call: TargetCall,
  services: ClusterServices,
  signal: AbortSignal,
): Promise<TargetReport> {
  const dashboard = await Dashboard.open(call, signal);
  try {
    const rayVersion = await dashboard.version();
    if (olderThan(rayVersion, oldestRay)) {
      throw new AppError(
        'TARGET_UNFIT',
        `${call.target.name} runs Ray ${rayVersion}: version ${oldestRay.join('.')} or newer is needed.`,
      );
    }
    const open = await isOpen(call, signal);
    const bundle = await ensurePackage(dashboard, await engineBundle(services.bundle), true);
    const { storage } = call.target;
    const { answer } = await runFileJob(
      dashboard,
      bundle.address,
      { action: 'probe', storage, argument: '0', look: services.patience?.look },
      signal,
    );
    return reportOf(call, rayVersion, open, answer);
  } finally {
    dashboard.close();
  }
}

/** Jobs of this app on a cluster, the newest first. @throws AppError as {@link testTarget} */
export async function listJobs(call: TargetCall, signal: AbortSignal): Promise<ClusterJob[]> {
  const dashboard = await Dashboard.open(call, signal);
  try {
    const jobs = (await dashboard.jobs()).flatMap(jobOf);
    return jobs.sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? 1 : -1));
  } finally {
    dashboard.close();
  }
}

/** Stops a job; its trials stay at their last checkpoints. */
export async function stopJob(call: TargetCall, id: string, signal: AbortSignal): Promise<{ stopped: boolean }> {
  const dashboard = await Dashboard.open(call, signal);
  try {
    return { stopped: await dashboard.stop(id) };
  } finally {
    dashboard.close();
  }
}

const states = {
  PENDING: 'pending',
  RUNNING: 'running',
  STOPPED: 'stopped',
  SUCCEEDED: 'done',
  FAILED: 'failed',
} as const;

function jobOf({ submission_id: id, status, metadata, message, start_time, end_time }: DashboardJob): ClusterJob[] {
  const kind = metadata?.['kind'];
  if (typeof id !== 'string' || metadata?.['app'] !== 'sara-studio' || (kind !== 'sweep' && kind !== 'run')) return [];
  return [
    {
      id,
      kind,
      state: states[status],
      name: metadata['name'] ?? id,
      ...(typeof message === 'string' ? { message } : {}),
      ...(typeof start_time === 'number' ? { startedAt: new Date(start_time).toISOString() } : {}),
      ...(typeof end_time === 'number' && end_time > 0 ? { finishedAt: new Date(end_time).toISOString() } : {}),
    },
  ];
}

/** Whether the dashboard lets anybody in who can reach it from another machine. */
async function isOpen({ target, token }: TargetCall, signal: AbortSignal): Promise<boolean> {
  const { hostname } = new URL(target.address);
  // Behind a tunnel the address is what the other machine sees.
  if (/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return false;
  if (token === undefined) return true;
  const stranger = await Dashboard.open({ target }, signal);
  try {
    await stranger.jobs();
    return true;
  } catch {
    return false;
  } finally {
    stranger.close();
  }
}

/** What the nodes have answered, in the words of the app. */
export function reportOf(
  { target }: TargetCall,
  rayVersion: string,
  open: boolean,
  { probe = [] }: FileAnswer,
): TargetReport {
  const nodes = probe.map(({ storageProblem: _place, storageFree: _free, ...node }): TargetNode => {
    const lacking = node.freeDiskBytes < neededDiskBytes && !node.ready;
    const problem =
      node.problem ?? (lacking ? 'Less than 3 GB are free for the native parts: free some disk space.' : undefined);
    const { node: version, problem: _own, ...facts } = node;
    return {
      ...facts,
      ...(version === undefined ? {} : { node: version }),
      ...(problem === undefined ? {} : { problem }),
    };
  });
  const storageProblem = probe.find((node) => node.storageProblem !== undefined)?.storageProblem;
  const free = probe.flatMap(({ storageFree }) => storageFree ?? []);
  const storage = {
    writable: storageProblem === undefined && probe.length > 0,
    ...(free.length === 0 ? {} : { freeBytes: Math.min(...free) }),
    ...(storageProblem === undefined ? {} : { problem: storageProblem }),
  };
  const working = nodes.filter(({ problem, cpus }) => problem === undefined && cpus > 0);
  const warnings = [
    ...(open
      ? [
          `Whoever reaches ${new URL(target.address).host} can run programs on this cluster: turn on Ray’s token authentication, or close the port to the network.`,
        ]
      : []),
    ...(target.address.startsWith('http:') && open
      ? ['Data and tokens travel unencrypted: use https or the SSH tunnel.']
      : []),
    ...(storageProblem === undefined ? [] : [storageProblem]),
    ...nodes.flatMap(({ address, problem }) => (problem === undefined ? [] : [`${address}: ${problem}`])),
    ...(working.length === 0 ? ['No node can run trials.'] : []),
  ];
  // Ray sends a trial to any node: one that cannot run it fails it.
  const fit =
    storage.writable && working.length > 0 && nodes.every(({ problem, cpus }) => problem === undefined || cpus === 0);
  return { name: target.name, rayVersion, nodes, storage, open, fit, warnings };
}

function olderThan(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
