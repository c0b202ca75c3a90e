import type { Backend } from '../../../src-main/tensor/backend.ts';
import type { Binding } from '../../../src-main/tensor/binding.ts';

/** The native binding below tfjs. */
export function bindingOf(tf: Backend['tf']): Binding {
  const backend: unknown = tf.backend();
  if (typeof backend === 'object' && backend !== null && 'binding' in backend) return backend.binding as Binding;
  throw new Error('TensorFlow’s addon is not in use.');
}
