/** Attributes of libtensorflow's ops, as the addon takes them. Made once and reused: ops run thousands of times a step. */

/** TF_DataType (tensorflow/core/framework/types.proto). */
export const dataTypes = { float: 1, int32: 3, bool: 10, bfloat16: 14, resource: 20 } as const;

/** TF_AttrType (tensorflow/c/c_api.h). */
export const attributeTypes = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

export type OpAttributes = readonly OpAttribute[];

export function typeAttribute(name: string, value: number): OpAttribute {
  return { name, type: attributeTypes.type, value };
}

export function boolAttribute(name: string, value: boolean): OpAttribute {
  return { name, type: attributeTypes.bool, value };
}

export function intAttribute(name: string, value: number): OpAttribute {
  return { name, type: attributeTypes.int, value };
}

export function stringAttribute(name: string, value: string): OpAttribute {
  return { name, type: attributeTypes.string, value };
}

export function shapeAttribute(name: string, value: readonly number[]): OpAttribute {
  return { name, type: attributeTypes.shape, value };
}
