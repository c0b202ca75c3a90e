import type { OperationContext } from '../../../src-main/contract/engine.ts';

/** Of an operation that nobody controls while it runs. */
export function contextOf<Event>(
  signal: AbortSignal,
  emit: (event: Event) => void = () => undefined,
): OperationContext<Event> {
  return { signal, emit, takeControls: () => [] };
}
