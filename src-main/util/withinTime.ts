import { createContext, Script } from 'node:vm';

/** A call whose time is watched; its own world holds nothing but the work. */
const script = new Script('work()');
const world = createContext({ work: undefined });

/** The work took longer than it may. */
export class OutOfTime extends Error {}

/**
 * Runs work that does not wait for anything, and ends it after a time, whatever it is doing: an expression that tries
 * all ways of matching cannot be ended otherwise. A call costs some tenths of a millisecond.
 * @throws OutOfTime, and what the work throws
 */
export function withinTime<T>(milliseconds: number, work: () => T): T {
  const before: unknown = world['work'];
  world['work'] = work;
  try {
    return script.runInContext(world, { timeout: milliseconds }) as T;
  } catch (error) {
    // Of the other world, so that it is no Error of this one.
    const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new OutOfTime(`It took more than ${String(milliseconds)} ms.`);
    throw error;
  } finally {
    world['work'] = before;
  }
}
