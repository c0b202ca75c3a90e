import type { CommitProgressEvent } from '@huggingface/hub';
import type { ProgressEvent } from '../contract/results.ts';
import type { FileToPublish } from './filesToPublish.ts';
import type { UploadWatch } from './patientFetch.ts';

const phases = {
  preuploading: 'Asking the hub',
  hashing: 'Hashing the files',
  uploadingLargeFiles: 'Uploading',
  committing: 'Making the commit',
} as const;

/** How far an upload is, in bytes over all files, and which files had to be sent at all. */
export class UploadProgress implements UploadWatch {
  readonly #bytes: ReadonlyMap<string, number>;
  readonly #onProgress: (event: ProgressEvent) => void;
  readonly #hashed = new Map<string, number>();
  /** Bytes by file and part. */
  readonly #sent = new Map<string, Map<number, number>>();
  readonly #present = new Set<string>();
  #retries = 0;

  constructor(files: readonly FileToPublish[], onProgress: (event: ProgressEvent) => void) {
    this.#bytes = new Map(files.map(({ name, bytes }) => [name, bytes]));
    this.#onProgress = onProgress;
  }

  get retries(): number {
    return this.#retries;
  }

  /** True for a large file that the hub had already. */
  wasPresent(name: string): boolean {
    return this.#present.has(name);
  }

  onRetry(): void {
    this.#retries += 1;
  }

  onSent(path: string, part: number, bytes: number): void {
    const parts = this.#sent.get(path) ?? new Map<number, number>();
    parts.set(part, bytes);
    this.#sent.set(path, parts);
    this.#tellUpload();
  }

  take(event: CommitProgressEvent): void {
    if (event.event === 'phase') {
      this.#onProgress({ phase: phases[event.phase], done: 0, total: 0 });
    } else if (event.state === 'hashing') {
      this.#hashed.set(event.path, event.progress);
      const done = this.#sum((name) => (this.#hashed.get(name) ?? 0) * (this.#bytes.get(name) ?? 0));
      this.#onProgress({ phase: phases.hashing, done, total: this.#total() });
    } else if (event.progress === 1 && this.#hashed.has(event.path) && !this.#sent.has(event.path)) {
      // Done without a byte sent: the hub had it.
      this.#present.add(event.path);
      this.#tellUpload();
    }
  }

  #tellUpload(): void {
    const done = this.#sum((name) => {
      if (this.#present.has(name)) return this.#bytes.get(name) ?? 0;
      return [...(this.#sent.get(name)?.values() ?? [])].reduce((a, b) => a + b, 0);
    });
    this.#onProgress({ phase: phases.uploadingLargeFiles, done, total: this.#total() });
  }

  #total(): number {
    return this.#sum((name) => this.#bytes.get(name) ?? 0);
  }

  /** Over the large files; the others travel with the commit. */
  #sum(value: (name: string) => number): number {
    return [...this.#hashed.keys()].reduce((sum, name) => sum + value(name), 0);
  }
}
