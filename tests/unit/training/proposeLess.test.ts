import { expect, test } from 'vitest';
import { memoryProposal, proposalIn } from '../../../src-main/contract/memoryProposal.ts';
import { explainEnd } from '../../../src-main/jobs/memoryEnd.ts';
import { proposeLess } from '../../../src-main/training/proposeLess.ts';
import { AppError } from '../../../src-main/util/appError.ts';
import { sampleRecord } from '../runs/sampleRecord.ts';

const { config } = sampleRecord();

test('half the rows at a time, and never fewer rows in a step than before', () => {
  for (const batchSize of [2, 3, 5, 8]) {
    const asked = { batchSize, accumulation: 3, activationCheckpointing: false };
    const less = memoryProposal(asked);
    expect(less?.batchSize).toBeLessThan(batchSize);
    expect((less?.batchSize ?? 0) * (less?.accumulation ?? 0)).toBeGreaterThanOrEqual(batchSize * 3);
  }
});

test('one row at a time: activations are computed again; then nothing is left', () => {
  const one = { batchSize: 1, accumulation: 8, activationCheckpointing: false };
  expect(memoryProposal(one)).toEqual({ ...one, activationCheckpointing: true });
  expect(memoryProposal({ ...one, activationCheckpointing: true })).toBeUndefined();
});

test('an error of memory names the settings; every other error stays as it is', () => {
  const error = proposeLess(new AppError('OUT_OF_MEMORY', 'No room.'), config);
  expect(error).toMatchObject({ code: 'OUT_OF_MEMORY', message: expect.stringContaining('--batch-size 4') as unknown });
  expect(proposalIn((error as AppError).details)).toEqual({
    batchSize: 4,
    accumulation: 2,
    activationCheckpointing: false,
  });
  const other = new AppError('NON_FINITE', 'x');
  expect(proposeLess(other, config)).toBe(other);
});

test('an engine that the system killed under a training comes with the same proposal, a crash does not', () => {
  const request = { kind: 'train.run', input: { config } } as const;
  const ended = (exitCode: number) =>
    explainEnd(request, { code: 'ENGINE_STOPPED', message: 'It ended.', details: { exitCode } });
  expect(ended(9).message).toMatch(/memory ran out/);
  expect(ended(9).details).toMatchObject({ exitCode: 9, proposal: { batchSize: 4, accumulation: 2 } });
  expect(ended(11)).toEqual({ code: 'ENGINE_STOPPED', message: 'It ended.', details: { exitCode: 11 } });
});
