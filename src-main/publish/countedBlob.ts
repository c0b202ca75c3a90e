/** A blob that tells how much of it has been read, which for the body of a request is how much was sent. */
export class CountedBlob extends Blob {
  override readonly size: number;
  readonly #inner: Blob;
  readonly #onBytes: (bytes: number) => void;

  constructor(inner: Blob, onBytes: (bytes: number) => void) {
    super([], { type: inner.type });
    this.size = inner.size;
    this.#inner = inner;
    this.#onBytes = onBytes;
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    // The types of Node and of the web disagree on what a blob's stream holds.
    const stream = this.#inner.stream() as ReadableStream<Uint8Array<ArrayBuffer>>;
    const reader = stream.getReader();
    const onBytes = this.#onBytes;
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        onBytes(value.byteLength);
        controller.enqueue(value);
      },
      cancel: async (reason) => reader.cancel(reason),
    });
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#inner.arrayBuffer();
  }
}
