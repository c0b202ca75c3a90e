/**
 * The frames between the main process and an engine process. Both sides come from one build, so the guards check the
 * shape of a frame, not its payload: inputs are validated by the engine's schemas, outputs are trusted.
 */
import { errorTable, type ErrorShape } from '../contract/errors.ts';
import type { ControlAction } from '../contract/engine.ts';

/** Raised with every change of a frame; a host refuses an engine of another version. */
export const protocolVersion = 1;

export type LogLevel = 'error' | 'warn' | 'info';

/** Host → engine. */
export type HostFrame =
  | { readonly type: 'hello'; readonly version: number }
  | { readonly type: 'request'; readonly id: number; readonly operation: string; readonly input: unknown }
  | { readonly type: 'control'; readonly id: number; readonly action: ControlAction }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'shutdown' };

/** Engine → host. `seq` of an event counts from 1 in each request. */
export type EngineFrame =
  | { readonly type: 'ready'; readonly version: number }
  | { readonly type: 'event'; readonly id: number; readonly seq: number; readonly event: unknown }
  | { readonly type: 'result'; readonly id: number; readonly output: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorShape }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string }
  | { readonly type: 'heartbeat' };

const controlActions: readonly string[] = ['pause', 'continue', 'stop', 'checkpoint'] satisfies ControlAction[];
const logLevels: readonly string[] = ['error', 'warn', 'info'] satisfies LogLevel[];

/** True when `value` is a frame that a host may send. */
export function isHostFrame(value: unknown): value is HostFrame {
  if (!isRecord(value)) return false;
  switch (value['type']) {
    case 'hello':
      return typeof value['version'] === 'number';
    case 'request':
      return isId(value['id']) && typeof value['operation'] === 'string';
    case 'control':
      return isId(value['id']) && typeof value['action'] === 'string' && controlActions.includes(value['action']);
    case 'cancel':
      return isId(value['id']);
    case 'shutdown':
      return true;
    default:
      return false;
  }
}

/** True when `value` is a frame that an engine may send. */
export function isEngineFrame(value: unknown): value is EngineFrame {
  if (!isRecord(value)) return false;
  switch (value['type']) {
    case 'ready':
      return typeof value['version'] === 'number';
    case 'event':
      return isId(value['id']) && isId(value['seq']) && 'event' in value;
    case 'result':
      return isId(value['id']) && 'output' in value;
    case 'error':
      return isId(value['id']) && isErrorShape(value['error']);
    case 'log':
      return (
        typeof value['message'] === 'string' && typeof value['level'] === 'string' && logLevels.includes(value['level'])
      );
    case 'heartbeat':
      return true;
    default:
      return false;
  }
}

function isErrorShape(value: unknown): value is ErrorShape {
  return (
    isRecord(value) &&
    typeof value['code'] === 'string' &&
    Object.hasOwn(errorTable, value['code']) &&
    typeof value['message'] === 'string'
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
