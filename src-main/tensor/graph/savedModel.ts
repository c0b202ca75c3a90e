import { PbfWriter } from 'pbf';
import { attributeTypes, typeAttribute, type OpAttribute, type OpAttributes } from '../opAttributes.ts';
import type { OpNode } from './opTree.ts';

/** Tag of the only graph in the model. */
export const graphTag = 'serve';

/** A version of graphs (GRAPH_DEF_VERSION) that every libtensorflow in use reads. */
const graphVersion = 1087;

interface Node {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: OpAttributes;
}

/**
 * Ops as saved_model.pb: a placeholder for every tensor from outside and a node an op. Every op waits for the one before
 * it: side by side they would take one another's cores, and what is freed late would lie beside what is made early.
 * Messages and field numbers: tensorflow/core/protobuf/{saved_model,meta_graph}.proto, core/framework/{graph,node_def,
 * attr_value}.proto.
 * @param feedTypes TF_DataTypes of the tensors from outside
 */
export function encodeSavedModel(ops: readonly OpNode[], feedTypes: readonly number[]): Uint8Array {
  const nodes: Node[] = feedTypes.map((type, i) => ({
    name: feedNode(i),
    op: 'Placeholder',
    inputs: [],
    attributes: [typeAttribute('dtype', type)],
  }));
  const made = madeNames(ops);
  ops.forEach(({ name: op, attributes, refs }, i) => {
    // A first output is named by its node alone: TensorFlow's optimisers know it by no other name.
    const inputs = refs.map((ref) => (ref < 0 ? feedNode(-ref - 1) : (made[ref] ?? '').replace(/:0$/, '')));
    if (i > 0) inputs.push(`^${opNode(i - 1)}`);
    nodes.push({ name: opNode(i), op, inputs, attributes });
  });
  const out = new PbfWriter();
  out.writeVarintField(1, 1);
  out.writeMessage(2, writeMetaGraph, nodes);
  return out.finish();
}

/** Name of the placeholder of a feed. */
export function feedNode(feed: number): string {
  return `f${String(feed)}`;
}

/** Names of the tensors that the ops make, in order: node and index of the output. */
export function madeNames(ops: readonly OpNode[]): string[] {
  return ops.flatMap(({ outputs }, op) =>
    Array.from({ length: outputs }, (_, output) => `${opNode(op)}:${String(output)}`),
  );
}

function opNode(op: number): string {
  return `n${String(op)}`;
}

function writeMetaGraph(nodes: readonly Node[], out: PbfWriter): void {
  out.writeMessage(1, (tag: string, info: PbfWriter) => info.writeStringField(4, tag), graphTag);
  out.writeMessage(2, writeGraph, nodes);
}

function writeGraph(nodes: readonly Node[], out: PbfWriter): void {
  for (const node of nodes) out.writeMessage(1, writeNode, node);
  out.writeMessage(4, (producer: number, version: PbfWriter) => version.writeVarintField(1, producer), graphVersion);
}

function writeNode({ name, op, inputs, attributes }: Node, out: PbfWriter): void {
  out.writeStringField(1, name);
  out.writeStringField(2, op);
  for (const input of inputs) out.writeStringField(3, input);
  for (const attribute of attributes) out.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute(attribute: OpAttribute, out: PbfWriter): void {
  out.writeStringField(1, attribute.name);
  out.writeMessage(2, writeValue, attribute);
}

function writeValue({ name, type, value }: OpAttribute, out: PbfWriter): void {
  if (type === attributeTypes.string && typeof value === 'string') out.writeStringField(2, value);
  else if (type === attributeTypes.int && typeof value === 'number') out.writeVarintField(3, value);
  else if (type === attributeTypes.bool && typeof value === 'boolean') out.writeBooleanField(5, value);
  else if (type === attributeTypes.type && typeof value === 'number') out.writeVarintField(6, value);
  else throw new TypeError(`The attribute ${name} has a type that graphs do not use here.`);
}
