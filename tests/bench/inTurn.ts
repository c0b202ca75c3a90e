import { agreement, agreementOfRounds, describeAgreement } from './agreement.ts';
import type { BenchContext } from './context.ts';
import type { Facts, Job, Outcome } from './jobs.ts';
import type { Side } from './side.ts';

export interface TurnOptions {
  /** Rounds that are compared but not timed. */
  readonly warmup: number;
  readonly rounds: number;
  /** Largest relative difference of any number that both sides state. */
  readonly tolerance: number;
  readonly peerEnvironment?: Readonly<Record<string, string>>;
}

/** What both sides did, round by round, after they were found to agree. */
export interface Turns {
  readonly ours: readonly Outcome[];
  readonly peer: readonly Outcome[];
  readonly peakOurs: number;
  readonly peakPeer: number;
  readonly checked: string;
}

/**
 * Runs the same job on both sides in turn: a round of ours, a round of the peer's, and again. The values of all rounds
 * are compared, those of the warm-up before anything is timed.
 * @param peerJob where it is not the same as ours
 * @throws Error when the sides do not agree
 */
export async function inTurn(bench: BenchContext, job: Job, options: TurnOptions, peerJob: Job = job): Promise<Turns> {
  const sides: Side[] = [];
  try {
    // Ours first: it writes the start that the peer reads.
    const ours = await bench.ours(job);
    sides.push(ours);
    const peer = await bench.peer(peerJob, options.peerEnvironment);
    sides.push(peer);
    const facts = agreement(ours.facts.values, peer.facts.values, options.tolerance);
    const outcomes = { ours: [] as Outcome[], peer: [] as Outcome[] };
    let checked = facts;
    for (let round = 0; round < options.warmup + options.rounds; round += 1) {
      outcomes.ours.push(await ours.run(round));
      outcomes.peer.push(await peer.run(round));
      checked = new Map([...facts, ...agreementOfRounds(outcomes.ours, outcomes.peer, options.tolerance)]);
      bench.say(`    ${secondsOf(outcomes.ours)} s, PyTorch ${secondsOf(outcomes.peer)} s`);
    }
    return {
      ours: outcomes.ours.slice(options.warmup),
      peer: outcomes.peer.slice(options.warmup),
      peakOurs: await ours.end(),
      peakPeer: await peer.end(),
      checked: describeAgreement(checked, options.tolerance),
    };
  } finally {
    for (const side of sides) side.kill();
  }
}

/** Opens a job of the engine alone, and closes it. */
export async function once(bench: BenchContext, job: Job): Promise<Facts> {
  const side = await bench.ours(job);
  await side.end();
  return side.facts;
}

function secondsOf(outcomes: readonly Outcome[]): string {
  return (outcomes.at(-1)?.seconds ?? NaN).toFixed(2);
}
