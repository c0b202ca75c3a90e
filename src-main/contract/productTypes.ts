/** What the products of matrices of a training are computed in; see `products` of its configuration. */
export const productTypes = ['float32', 'bfloat16'] as const;

export type ProductType = (typeof productTypes)[number];
