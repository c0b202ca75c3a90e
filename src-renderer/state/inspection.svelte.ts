import type { ModelSummary } from '../../src-main/contract/model.ts';
import type { FileContents } from '../../src-main/contract/results.ts';
import type { Client } from '../bridge/client.ts';
import { Resource } from './resource.svelte.ts';

export type TensorOrder = 'file' | 'name' | 'values' | 'bytes';
export type ListedTensor = FileContents['tensors'][number];

/** A file of weights that is looked at, and whether the model it belongs to can be used. */
export class InspectionState {
  path = $state<string>();
  words = $state('');
  order = $state<TensorOrder>('file');
  readonly contents = new Resource<FileContents>();
  readonly model = new Resource<ModelSummary>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The tensors whose name, type or shape holds every word, in the order chosen. */
  readonly shown: readonly ListedTensor[] = $derived.by(() =>
    chosenTensors(this.contents.value?.tensors ?? [], this.words, this.order),
  );

  async open(path: string): Promise<void> {
    this.path = path;
    this.words = '';
    this.model.clear();
    await this.contents.load(async () => this.#client.call('model.inspectFile', { path }));
    const model = this.contents.value?.model;
    if (this.path !== path || model === undefined) return;
    await this.model.load(async () => this.#client.call('model.inspect', { model }));
  }
}

/** As {@link InspectionState.shown}. */
export function chosenTensors(
  tensors: readonly ListedTensor[],
  words: string,
  order: TensorOrder,
): readonly ListedTensor[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found =
    wanted.length === 0
      ? tensors
      : tensors.filter((tensor) => {
          const text = `${tensor.name} ${tensor.type} ${shapeText(tensor.shape)}`.toLowerCase();
          return wanted.every((word) => text.includes(word));
        });
  switch (order) {
    case 'file':
      return found;
    case 'name':
      // Numbers by their value: layer 2 comes before layer 10.
      return [...found].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    case 'values':
      return [...found].sort((a, b) => valuesOf(b) - valuesOf(a));
    case 'bytes':
      return [...found].sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
  }
}

/** `64 × 576`, row-major. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? '1' : shape.join(' × ');
}

export function valuesOf({ shape }: Pick<ListedTensor, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}
