/** Where engine code takes the time from, so that tests can give it theirs. */
export interface Clock {
  /** Milliseconds since 1970, never going back while the process lives. */
  now(): number;
}

export const systemClock: Clock = { now: () => performance.timeOrigin + performance.now() };

/** `2026-01-31T12:00:00.000Z` */
export function isoTime(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
