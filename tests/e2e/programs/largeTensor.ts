/** Run inside Electron: asks TensorFlow for a tensor beyond 2 GiB, whose memory is never touched, and prints its shape. */
import { openBackend } from '../../../src-main/tensor/backend.ts';
import { boolAttribute, dataTypes, typeAttribute } from '../../../src-main/tensor/opAttributes.ts';

const shape = Int32Array.of(2 ** 16 + 1, 2 ** 13);

async function main(): Promise<void> {
  const { binding } = await openBackend();
  const wanted = binding.createTensor([2], dataTypes.int32, shape);
  const attributes = [typeAttribute('dtype', dataTypes.float), boolAttribute('init', false)];
  const [tensor] = binding.executeOp('Empty', attributes, [wanted], 1);
  process.stdout.write(`${tensor?.shape.join(' ') ?? 'nothing'}\n`);
}

void main();
