/** What is needed of a process to leave it. */
export interface Leaving {
  /** Resolves when what was written has reached the reader. */
  flush(): Promise<void>;
  /** Tells the exit code to the process that waits for it, and resolves when it knows; undefined where none does. */
  readonly tell: ((exitCode: number) => Promise<void>) | undefined;
  /** Ends the process at once, with nothing of its own run any more. */
  kill(): void;
  /** Ends the process in the usual way. */
  exit(exitCode: number): void;
}

/**
 * Ends the command line. Where the process that started it waits for the exit code, it ends at once: taking TensorFlow
 * and Node down in order frees what threads may still be looking at, and has ended, rarely and after everything was
 * saved, in a fault of the allocator.
 */
export async function leave(exitCode: number, process: Leaving): Promise<void> {
  await process.flush();
  if (process.tell === undefined) return process.exit(exitCode);
  await process.tell(exitCode);
  process.kill();
}
