/** Models that other programs have left on this computer. Types only. */
import type { ModelFormat } from './model.ts';

/** The program in whose folder a model was found. */
export type FoundPlace = 'ollama' | 'lm-studio' | 'llama.cpp' | 'hugging-face';

export interface FoundModel {
  /** What to open: a GGUF file, under whatever name, or a folder. */
  readonly path: string;
  /** As the program calls it, e.g. `llama3.2:1b` or `org/name`. */
  readonly name: string;
  readonly place: FoundPlace;
  readonly format: ModelFormat;
  readonly bytes: number;
  readonly family?: string;
  readonly parameters?: number;
  /** The type most weights are stored in, e.g. `Q4_K`. */
  readonly type?: string;
  /** Whether it can be trained here; its spectra may be analysable all the same. */
  readonly trainable: boolean;
  /** Why not, one sentence; absent when it can. */
  readonly reason?: string;
}

export interface FoundModels {
  /** By place, then by name. */
  readonly models: readonly FoundModel[];
  /** Folders that were there and were looked through. */
  readonly searched: readonly string[];
  /** True when a bound on files or time ended the search early. */
  readonly cut: boolean;
}
