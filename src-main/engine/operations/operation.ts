import type { OperationName, Operations } from '../../contract/engine.ts';

/** The function of one operation. */
export type Operation<N extends OperationName> = Operations[N];
