/** How fast this computer computes with how many threads: what the short probe measures and what is kept of it. Types only. */

/** Operations a second of work shaped like a training step. */
export interface ThreadRate {
  readonly threads: number;
  readonly flopsPerSecond: number;
}

/** What one engine process has measured of itself. */
export interface MeasuredRate extends ThreadRate {
  readonly device: 'cpu' | 'gpu';
  readonly tensorflowVersion: string;
}

/** A finished probe; it counts on the same processor with the same engine alone. */
export interface SpeedMeasurement {
  readonly processor: string;
  readonly cores: number;
  /** The engine's package with its version and library. */
  readonly engine: string;
  readonly tensorflowVersion: string;
  readonly device: 'cpu' | 'gpu';
  readonly measuredAt: string;
  /** One for each number of threads that was tried, ascending. */
  readonly rates: readonly ThreadRate[];
  /** The number that was chosen. */
  readonly threads: number;
}

/** What is known of the speed of this computer, as settings show it. */
export interface SpeedState {
  readonly measuring: boolean;
  readonly measurement?: SpeedMeasurement;
  /** The person's own variable that decides the number of threads: nothing is measured then. */
  readonly fixed?: FixedThreads;
}

export interface FixedThreads {
  readonly variable: string;
  readonly threads: number;
}
