import { expect, test } from 'vitest';
import { bfloatToFloat, floatToBfloat } from '../../../src-main/models/halfFloats.ts';
import { cast } from '../../../src-main/tensor/elementTypes.ts';
import { PackedWeight } from '../../../src-main/tensor/frozenWeight.ts';
import { bfloat16Form } from '../../../src-main/tensor/weightForms.ts';
import { kernelsWithoutLeaks, largestDifference, randomValues, valuesOf } from '../../support/tensorBackend.ts';

const kernels = kernelsWithoutLeaks();

const rows = 33;
const inner = 70;
const columns = 21;
const a = randomValues(rows * inner, 1);
const b = randomValues(inner * columns, 2);

function rounded(values: Float32Array): Float32Array {
  return bfloatToFloat(floatToBfloat(values));
}

/** a b in float64, and Σ |a| |b| of each value: what errors are measured by. */
function reference(left: Float32Array, right: Float32Array) {
  const product = new Float64Array(rows * columns);
  const size = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let t = 0; t < inner; t++) {
        const term = (left[i * inner + t] ?? NaN) * (right[t * columns + j] ?? NaN);
        product[i * columns + j] = (product[i * columns + j] ?? NaN) + term;
        size[i * columns + j] = (size[i * columns + j] ?? NaN) + Math.abs(term);
      }
    }
  }
  return { product, size };
}

test.each(['matMul', 'batchMatMul'] as const)('%s in bfloat16 is the product of rounded operands', (op) => {
  // Bug: an operand that is not rounded or cut off, or a result of another type.
  const k = kernels();
  const left = k.upload(a.slice(), [rows, inner]);
  const right = k.upload(b.slice(), [inner, columns]);
  const values = valuesOf(
    k,
    k.withProducts('bfloat16', () => k[op](left, right)),
  );
  k.free(left, right);
  const { product, size } = reference(rounded(a), rounded(b));
  values.forEach((value, i) => {
    expect(Math.abs(value - (product[i] ?? NaN)), String(i)).toBeLessThan(2 ** -9 * (size[i] ?? NaN));
  });
  // The result has 8 significant bits itself.
  expect(largestDifference(values, rounded(values))).toBe(0);
});

test('operands are rounded to the nearest of 8 bits, transposed ones too', () => {
  const k = kernels();
  const ones = k.fill([1, 1], 1);
  const odd = k.upload(Float32Array.of(257, 259, 3), [3, 1]);
  const product = k.withProducts('bfloat16', () => k.matMul(odd, ones, false, true));
  expect([...valuesOf(k, product)]).toEqual([256, 260, 3]);
  k.free(ones, odd);
});

test('other ops and small products stay float32 in the mode', () => {
  const k = kernels();
  const one = k.fill([1, 1, 1], 1);
  const fine = k.fill([1, 1, 1], 257);
  k.withProducts('bfloat16', () => {
    expect([...valuesOf(k, k.smallBatchMatMul(fine, one))]).toEqual([257]);
    expect([...valuesOf(k, k.sum(fine, [0]))]).toEqual([257]);
    expect([...valuesOf(k, k.softmax(fine))]).toEqual([1]);
  });
  k.free(one, fine);
});

test('the mode ends with its work, also when that throws, and modes nest', () => {
  const k = kernels();
  const one = k.fill([1, 1], 1);
  const fine = k.fill([1, 1], 257);
  const product = (): number => valuesOf(k, k.matMul(fine, one))[0] ?? NaN;
  expect(k.withProducts('bfloat16', product)).toBe(256);
  expect(product()).toBe(257);
  k.withProducts('bfloat16', () => {
    expect(() =>
      k.withProducts('float32', () => {
        expect(product()).toBe(257);
        throw new Error('midway');
      }),
    ).toThrow('midway');
    expect(product()).toBe(256);
  });
  expect(product()).toBe(257);
  k.free(one, fine);
});

test('what is taken is freed once and nothing else, also when a product fails in a scope', () => {
  const k = kernels();
  const before = k.live;
  const taken = k.fill([2, 2], 3);
  const borrowed = k.fill([2, 2], 3);
  const values = k.withProducts('bfloat16', () => {
    const product = k.matMul(k.take(taken), borrowed);
    expect(k.isAlive(taken)).toBe(false);
    expect(k.isAlive(borrowed)).toBe(true);
    // One tensor as both operands.
    return valuesOf(k, k.matMul(k.take(product), product));
  });
  expect([...values]).toEqual([648, 648, 648, 648]);
  const wrong = k.fill([3, 1], 1);
  expect(() => k.scope(() => k.withProducts('bfloat16', () => k.matMul(borrowed, wrong)))).toThrow(/MatMul/);
  expect(k.live).toBe(before + 2);
  k.free(borrowed, wrong);
});

test('an operand made once serves several products, in a graph too', () => {
  // Bug: an operand that is rounded again, or a graph whose values have another type than its ops.
  const k = kernels();
  const one = k.fill([1, 1], 1);
  const weight = k.fill([1, 1], 257);
  k.withProducts('bfloat16', () => {
    const outside = k.operand(weight);
    // More often than it takes until a graph is made of the ops.
    for (let i = 0; i < 12; i++) {
      const products = k.graph(() => {
        const inside = k.operand(weight);
        const made = [k.matMul(one, outside), k.matMul(one, inside), k.batchMatMul(one, inside)];
        k.free(inside);
        return made;
      });
      expect(products.map((product) => valuesOf(k, product)[0])).toEqual([256, 256, 256]);
    }
    k.free(outside);
  });
  const same = k.operand(weight);
  expect([...valuesOf(k, k.matMul(one, k.take(same)))]).toEqual([257]);
  k.free(one, weight);
});

test('a weight kept as bfloat16 is an operand as it is, and float32 outside the mode', () => {
  const k = kernels();
  const one = k.fill([1, 1], 1);
  const value = k.fill([1, 1], 2.5);
  const weight = new PackedWeight(k, bfloat16Form, [cast(k, value, 'float32', 'bfloat16')], 1);
  const product = (): number => valuesOf(k, k.matMul(one, k.take(weight.operand())))[0] ?? NaN;
  expect(k.withProducts('bfloat16', product)).toBe(2.5);
  expect(product()).toBe(2.5);
  expect([...valuesOf(k, weight.operand())]).toEqual([2.5]);
  weight.dispose();
  k.free(one, value);
});
