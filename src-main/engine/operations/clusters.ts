import { existsSync } from 'node:fs';
import path from 'node:path';
import { pullTrial } from '../../clusters/pullTrial.ts';
import { runOnTarget, type ClusterServices } from '../../clusters/runOnTarget.ts';
import { listJobs, stopJob, testTarget } from '../../clusters/testTarget.ts';
import { trainOnTarget } from '../../clusters/trainOnTarget.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Runs a sweep on a cluster, or follows the job that is at work on it. */
export function sweepRunOn(services: EngineServices): Operation<'sweep.runOn'> {
  return async (request, context) => runOnTarget({ ...request, kind: 'sweep' }, clusterServices(services), context);
}

/** Trains one run on a cluster and brings it home. */
export function trainRunOn(services: EngineServices): Operation<'train.runOn'> {
  return async (request, context) => trainOnTarget(request, clusterServices(services), context);
}

/** Makes a trial a run of its own on this machine. */
export function trialPull(services: EngineServices): Operation<'trial.pull'> {
  return async (request, { signal }) => pullTrial(request, clusterServices(services), signal);
}

/** What is there on a cluster. */
export function targetTest(services: EngineServices): Operation<'target.test'> {
  return async ({ target }, { signal }) => testTarget(target, clusterServices(services), signal);
}

/** Jobs of this app on a cluster. */
export const targetJobs: Operation<'target.jobs'> = async ({ target }, { signal }) => listJobs(target, signal);

/** Ends one of them. */
export const targetStop: Operation<'target.stop'> = async ({ target, job }, { signal }) => stopJob(target, job, signal);

/** A packaged application keeps what nodes are set up from in a folder of its own; else it is the work tree. */
function clusterServices({ clock, resources }: EngineServices): ClusterServices {
  const packaged = path.join(resources, 'cluster');
  const sources = existsSync(packaged) ? packaged : path.join(resources, '..');
  const commandLine = process.env['SARA_COMMAND_LINE'] ?? path.join(__dirname, '..', 'cli', 'cli.cjs');
  return { clock, bundle: { commandLine, sources, programs: path.join(resources, 'ray') } };
}
