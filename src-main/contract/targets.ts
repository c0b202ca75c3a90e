/** What is known of compute targets. Types only. */
import type { Target } from './targets.schema.ts';

/** A target in a list; its token stays where it is kept. */
export interface TargetEntry {
  readonly target: Target;
  readonly token: 'none' | 'saved' | 'session';
}

export interface TargetNode {
  /** As Ray names it. */
  readonly id: string;
  readonly address: string;
  readonly cpus: number;
  readonly gpus: number;
  readonly memoryBytes: number;
  /** `linux-x64`, as Node says it. */
  readonly platform: string;
  /** Of Node.js on that node; absent where there is none. */
  readonly node?: string;
  readonly freeDiskBytes: number;
  /** Whether the native parts of this version are there already; they are set up by the first trial otherwise. */
  readonly ready: boolean;
  /** Why trials cannot run here, and what to do; absent when they can. */
  readonly problem?: string;
}

/** What `Test` finds. */
export interface TargetReport {
  readonly name: string;
  readonly rayVersion: string;
  readonly nodes: readonly TargetNode[];
  readonly storage: { readonly writable: boolean; readonly freeBytes?: number; readonly problem?: string };
  /** The dashboard answers without a token to whoever reaches it, and can be reached from other machines. */
  readonly open: boolean;
  /** Everything that trials need is there. */
  readonly fit: boolean;
  /** In words, the gravest first. */
  readonly warnings: readonly string[];
}

/** A job of this app on a target. */
export interface ClusterJob {
  readonly id: string;
  readonly state: 'pending' | 'running' | 'stopped' | 'done' | 'failed';
  /** Name of the sweep or run. */
  readonly name: string;
  readonly kind: 'sweep' | 'run';
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}
