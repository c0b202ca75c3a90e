import path from 'node:path';

/**
 * The file of weights among the arguments of a start, as the system adds it for a double click on one.
 * @param folder what a relative path is meant from
 */
export function weightsFileIn(parameters: readonly string[], folder: string): string | undefined {
  const named = parameters.find((text) => !text.startsWith('-') && /\.(gguf|safetensors)$/i.test(text));
  return named === undefined ? undefined : path.resolve(folder, named);
}

/** Files that the system asks the app to open. The last one waits until the window, which may be loading, takes it. */
export class OpenedFiles {
  #waiting: string | undefined;
  #announce: () => void = () => undefined;

  /** Has the window told of every file from now on. */
  announceTo(announce: () => void): void {
    this.#announce = announce;
  }

  open(file: string | undefined): void {
    if (file === undefined) return;
    this.#waiting = file;
    this.#announce();
  }

  /** The file that waits, once. */
  take(): string | undefined {
    const file = this.#waiting;
    this.#waiting = undefined;
    return file;
  }
}
