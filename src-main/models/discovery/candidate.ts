import type { FoundPlace } from '../../contract/found.ts';

/** Something that looks like a model; whether it is one is told by opening it. */
export interface Candidate {
  readonly place: FoundPlace;
  readonly path: string;
  readonly name: string;
}
