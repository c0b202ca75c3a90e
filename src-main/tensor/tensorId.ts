/**
 * A handle of a tensor that lives in libtensorflow. Whoever creates one owns it and frees it exactly once; functions
 * borrow their arguments and hand their results to the caller.
 */
export type TensorId = number & { readonly __tensorId: unique symbol };
