import { describe, expect, it } from 'vitest';
import { sampleToken } from '../../../src-main/generation/sampling.ts';
import { Rng } from '../../../src-main/util/rng.ts';

const logits = Float32Array.from([0.1, 2, -1, 2, 0]);

describe('sampleToken', () => {
  it('takes the most probable token at temperature 0, the lowest id among equals', () => {
    expect(sampleToken(logits, 0, new Rng(0))).toBe(1);
  });

  it('draws tokens with the probabilities of the softmax', () => {
    const temperature = 0.7;
    const weights = [...logits].map((logit) => Math.exp(logit / temperature));
    const total = weights.reduce((a, b) => a + b);
    const counts = new Array<number>(logits.length).fill(0);
    const rng = new Rng(5);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) {
      const id = sampleToken(logits, temperature, rng);
      counts[id] = (counts[id] ?? 0) + 1;
    }
    weights.forEach((weight, id) => {
      const p = weight / total;
      expect(Math.abs((counts[id] ?? 0) / draws - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / draws));
    });
  });

  it('draws the same tokens from the same seed', () => {
    const draw = (): number[] => {
      const rng = new Rng(9);
      return Array.from({ length: 50 }, () => sampleToken(logits, 1, rng));
    };
    expect(draw()).toEqual(draw());
  });

  it('stays exact where exp would overflow', () => {
    expect(sampleToken(Float32Array.from([1e4, 1e4 + 100, -1e4]), 0.5, new Rng(1))).toBe(1);
  });
});

describe('nucleus sampling', () => {
  const probabilities = [0.5, 0.3, 0.15, 0.05];
  const spread = Float32Array.from(probabilities, Math.log);
  const drawn = (topP: number): number[] => {
    const rng = new Rng(3);
    return [...new Set(Array.from({ length: 2_000 }, () => sampleToken(spread, 1, rng, topP)))].sort();
  };

  it('draws from the fewest tokens that hold the share, the one that crosses it included', () => {
    expect([drawn(0.4), drawn(0.6), drawn(0.9), drawn(1)]).toEqual([[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]);
  });

  it('takes the lowest id among equally probable tokens', () => {
    expect(sampleToken(Float32Array.from([0, 0, 0, 0]), 1, new Rng(1), 0.2)).toBe(0);
  });
});
