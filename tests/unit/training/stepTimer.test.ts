import { describe, expect, it } from 'vitest';
import { StepTimer } from '../../../src-main/training/stepTimer.ts';

describe('StepTimer', () => {
  it('says nothing before anything was measured', () => {
    expect(new StepTimer().secondsPerStep()).toBeUndefined();
  });

  it('forgets a slow start, so that the remaining time is right soon after', () => {
    const timer = new StepTimer();
    timer.add(600);
    expect(timer.secondsPerStep()).toBe(600);
    for (let i = 0; i < 20; i++) timer.add(2);
    expect(timer.secondsPerStep()).toBe(2);
  });
});
