export type ScheduleName = 'constant' | 'linear' | 'cosine';

/**
 * Learning rate of an optimizer step, as the schedules with warm-up of Hugging Face transformers give it
 * (`get_constant_schedule_with_warmup`, `get_linear_schedule_with_warmup`, `get_cosine_schedule_with_warmup`): it rises
 * linearly from 0 at step 0, reaches `peak` at step `warmup` and would reach 0 at step `total`.
 * @param step optimizer steps done before this one, 0 … total − 1
 */
export function learningRate(
  step: number,
  options: {
    readonly schedule: ScheduleName;
    readonly peak: number;
    readonly warmup: number;
    readonly total: number;
  },
): number {
  const { schedule, peak, warmup, total } = options;
  if (step < warmup) return (peak * step) / Math.max(1, warmup);
  const decaySteps = Math.max(1, total - warmup);
  switch (schedule) {
    case 'constant':
      return peak;
    case 'linear':
      return peak * Math.max(0, (total - step) / decaySteps);
    case 'cosine':
      return peak * Math.max(0, 0.5 * (1 + Math.cos((Math.PI * (step - warmup)) / decaySteps)));
  }
}
