/** Element types of GGUF tensors by their number. Source: ggml's enum ggml_type and block structures. */
import type { StoredType } from '../types.ts';

export interface GgmlType {
  readonly name: string;
  /** Values in a block and bytes that hold them. */
  readonly values: number;
  readonly bytes: number;
  /** Name under which it can be read as float32; undefined for types that cannot. */
  readonly readable: StoredType | undefined;
}

function readable(name: StoredType, values: number, bytes: number): GgmlType {
  return { name, values, bytes, readable: name };
}

function known(name: string): GgmlType {
  return { name, values: 1, bytes: 1, readable: undefined };
}

export const ggmlTypes: ReadonlyMap<number, GgmlType> = new Map([
  [0, readable('F32', 1, 4)],
  [1, readable('F16', 1, 2)],
  [2, readable('Q4_0', 32, 18)],
  [3, readable('Q4_1', 32, 20)],
  [6, readable('Q5_0', 32, 22)],
  [7, readable('Q5_1', 32, 24)],
  [8, readable('Q8_0', 32, 34)],
  [9, known('Q8_1')],
  [10, readable('Q2_K', 256, 84)],
  [11, readable('Q3_K', 256, 110)],
  [12, readable('Q4_K', 256, 144)],
  [13, readable('Q5_K', 256, 176)],
  [14, readable('Q6_K', 256, 210)],
  [15, known('Q8_K')],
  [16, known('IQ2_XXS')],
  [17, known('IQ2_XS')],
  [18, known('IQ3_XXS')],
  [19, known('IQ1_S')],
  [20, readable('IQ4_NL', 32, 18)],
  [21, known('IQ3_S')],
  [22, known('IQ2_S')],
  [23, readable('IQ4_XS', 256, 136)],
  [24, known('I8')],
  [25, known('I16')],
  [26, known('I32')],
  [27, known('I64')],
  [28, readable('F64', 1, 8)],
  [29, known('IQ1_M')],
  [30, readable('BF16', 1, 2)],
  [34, known('TQ1_0')],
  [35, known('TQ2_0')],
  [39, known('MXFP4')],
  [40, known('NVFP4')],
]);

const blocks = new Map([...ggmlTypes.values()].map((type) => [type.name, type]));

/** Block layout of a readable type. */
export function blockOf(type: StoredType): { readonly values: number; readonly bytes: number } {
  const block = blocks.get(type);
  if (block === undefined) throw new RangeError(`No block layout for ${type}.`);
  return block;
}

const numbers = new Map([...ggmlTypes].map(([number, { name }]) => [name, number]));

/** Number of a type in the file. */
export function ggmlTypeNumber(type: StoredType): number {
  const number = numbers.get(type);
  if (number === undefined) throw new RangeError(`No number for ${type}.`);
  return number;
}
