/** What training reports while it runs, and what a run is. */
import type { DataLayout } from './data.ts';
import type { GateStatistics } from './gates.ts';
import type { PreparingEvent } from './preparation.ts';
import type { TrainConfig } from './requests.schema.ts';

/** Rank and size of one adapted matrix in a run. */
export interface AdapterRank {
  readonly name: string;
  readonly layer: number;
  readonly module: string;
  readonly shape: readonly [number, number];
  readonly rank: number;
  readonly trainable: number;
}

/** How much one adapted matrix has learnt. */
export interface LearntChange {
  readonly name: string;
  /** ‖ΔW‖_F / ‖W0‖_F. */
  readonly relativeNorm: number;
  /**
   * Effective rank of ΔW: exp of the entropy of its normalised singular values (Roy & Vetterli 2007). Absent where ΔW is
   * no product of two small matrices, since its singular values would take too long at every evaluation.
   */
  readonly effectiveRank?: number;
}

/** What a training is at; on a cluster also `uploading` and `queued`. */
export type TrainPhase =
  'loading' | 'analysing' | 'tokenising' | 'rehearsing' | 'training' | 'evaluating' | 'saving' | 'uploading' | 'queued';

export type TrainEvent =
  | PreparingEvent
  | {
      readonly event: 'phase';
      readonly phase: TrainPhase;
      readonly fraction?: number;
    }
  | {
      readonly event: 'start';
      readonly run: string;
      readonly ranks: readonly AdapterRank[];
      readonly trainable: number;
      readonly parameters: number;
      readonly steps: number;
      readonly trainRows: number;
      readonly validationRows: number;
      /** First step that is still to be done; > 0 when resumed. */
      readonly fromStep: number;
      readonly skippedRows: readonly { readonly row: number; readonly reason: string }[];
    }
  | {
      readonly event: 'step';
      /** Optimizer steps done, counting this one: 1 … steps. */
      readonly step: number;
      /** Token-mean loss over the accumulated batch, before the step. */
      readonly loss: number;
      readonly lr: number;
      /** L2 norm over all gradients before clipping. */
      readonly gradNorm: number;
      /** Tokens of the batch (no padding counted) per second of wall time. */
      readonly tokensPerSecond: number;
      readonly rssBytes: number;
      /** Kernels, and graphs of them, started for the step; absent in runs of earlier versions. */
      readonly kernelStarts?: number;
      /** Real tokens seen so far, over all steps. */
      readonly tokens: number;
      readonly elapsedSeconds: number;
      readonly etaSeconds: number;
    }
  | { readonly event: 'eval'; readonly step: number; readonly loss: number; readonly best: boolean }
  /** Loss on the neutral text (see `neutral` of the record); step 0 is the model before training. */
  | { readonly event: 'neutral'; readonly step: number; readonly loss: number }
  | { readonly event: 'learnt'; readonly step: number; readonly matrices: readonly LearntChange[] }
  /**
   * The ranks that a method with changing ranks (AdaLoRA) has given out after this step; kept in the run’s log, so that
   * they can be followed over time. Between two of these events the ranks are those of the former.
   */
  | {
      readonly event: 'ranks';
      readonly step: number;
      /** Ranks that may be given out in all. */
      readonly budget: number;
      /** The rank of each matrix, in the order of the run’s `ranks`; 0 where everything was taken away. */
      readonly ranks: readonly number[];
    }
  /** Mo-SARA, at every evaluation: the gates over the held-out rows; nothing where no rows are held out. */
  | { readonly event: 'gates'; readonly step: number; readonly matrices: readonly GateStatistics[] }
  | { readonly event: 'sample'; readonly step: number; readonly prompt: string; readonly text: string }
  | { readonly event: 'checkpoint'; readonly step: number; readonly path: string }
  | { readonly event: 'paused'; readonly step: number }
  | { readonly event: 'continued'; readonly step: number }
  | { readonly event: 'note'; readonly step: number; readonly text: string }
  | {
      readonly event: 'done';
      readonly run: string;
      readonly trainable: number;
      readonly bestStep: number;
      readonly bestLoss: number | null;
      readonly steps: number;
      readonly stoppedEarly: boolean;
    };

export type RunState = 'created' | 'running' | 'paused' | 'done' | 'stopped' | 'failed';

/** `run.json` of a run folder. */
export interface RunRecord {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly appVersion: string;
  readonly state: RunState;
  readonly config: TrainConfig;
  readonly model: { readonly path: string; readonly name: string; readonly family: string; readonly hash: string };
  readonly ranks: readonly AdapterRank[];
  readonly trainable: number;
  readonly totalSteps: number;
  readonly step: number;
  readonly best: { readonly step: number; readonly loss: number } | null;
  readonly last: { readonly step: number } | null;
  /** Held-out loss of the base model, before the first step; null when there is no validation set. */
  readonly baseLoss: number | null;
  /** How the rows of the data were understood; after plain text, prompts are taken as they are, without template. */
  readonly layout?: DataLayout;
  /** Where this run’s adapter was cut from, when `adapter.compress` made it. */
  readonly compressed?: {
    readonly run: string;
    readonly step: number;
    /** Share of the energy of each ΔW that was kept. */
    readonly energy: number;
    /** The method it was trained with, in words. */
    readonly method: string;
  };
  /**
   * Loss on a short neutral text that has nothing to do with the data, mean −log p a token in nats: what the model forgets
   * shows in it. Before the first step, at the last evaluation and at the best one.
   */
  readonly neutral?: {
    readonly tokens: number;
    readonly before: number;
    readonly last?: { readonly step: number; readonly loss: number };
    readonly best?: { readonly step: number; readonly loss: number };
  };
  readonly error?: { readonly code: string; readonly message: string };
  /** What the run was expected to take, and what it took up to now; absent in runs of earlier versions. */
  readonly needs?: { readonly estimated: RunNeeds; readonly measured?: MeasuredNeeds };
}

/** Parts of a memory estimate, in bytes. */
export interface MemoryNeeds {
  readonly weights: number;
  readonly adapters: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly runtime: number;
  /** The most that is in memory at once, in each kind of work; the parts above add up to that of training. */
  readonly peaks: { readonly training: number; readonly evaluation: number; readonly saving: number };
  /** The largest of the peaks. */
  readonly total: number;
}

/** Parts of what a run takes on the disk, in bytes, at most and at once. */
export interface DiskNeeds {
  /** One checkpoint. */
  readonly checkpoint: number;
  /** All that are there at once: those kept, the best, and the one being written. */
  readonly checkpoints: number;
  /** Parts of adapters that never change; once a run. */
  readonly shared: number;
  /** The run's log and the held-out rows it keeps. */
  readonly records: number;
  readonly total: number;
}

/** Seconds a run should take, by what they are spent on. */
export interface TimeNeeds {
  readonly training: number;
  readonly evaluation: number;
}

/** What a run is expected to take. */
export interface RunNeeds {
  readonly memory: MemoryNeeds;
  readonly disk: DiskNeeds;
  /** Absent before anything was measured on this computer. */
  readonly time?: TimeNeeds;
}

/** What a run took: the most memory at once, seconds of work, bytes on the disk. */
export interface MeasuredNeeds {
  readonly memory: number;
  readonly seconds: number;
  readonly disk: number;
}

/** What a run would take, before it starts. */
export interface Estimate extends RunNeeds {
  readonly availableMemory: number;
  /** Free bytes where runs are kept; absent where the system does not tell. */
  readonly freeDisk?: number;
  /** Whether the memory is there. */
  readonly fits: boolean;
  /** Whether the space on the disk is there. */
  readonly fitsDisk: boolean;
  readonly trainable: number;
  readonly parameters: number;
  readonly adapterBytes: number;
  readonly equalBudgetLoraRank: number;
  readonly steps: number;
  readonly tokens: number;
  /** Floating-point operations of the run; seconds follow from a speed, absent before anything was measured. */
  readonly flops: number;
  readonly seconds?: number;
  /** Whether the speed was measured in a run, of this model or one like it, or by the short probe of the computer. */
  readonly secondsFrom?: 'run' | 'calibration';
  /** The model was not analysed yet: ranks, and all that follows from them, are the largest the rule can give. */
  readonly atMost?: boolean;
}
