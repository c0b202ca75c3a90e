/** Work that is asked for often and done at most once an animation frame. */
export interface FrameTask {
  request(): void;
  cancel(): void;
}

export function onFrame(work: () => void): FrameTask {
  let pending = 0;
  return {
    request(): void {
      if (pending !== 0) return;
      pending = requestAnimationFrame(() => {
        pending = 0;
        work();
      });
    },
    cancel(): void {
      cancelAnimationFrame(pending);
      pending = 0;
    },
  };
}
