/** One secret: on disk only as the system’s safe storage has encrypted it, else in memory alone. */
import { readFile, rm } from 'node:fs/promises';
import { writeFileAtomic } from '../util/fsAtomic.ts';

/** What encrypts for this person on this system. */
export interface Cipher {
  /** False where the system could only hide a text, not protect it. */
  available(): Promise<boolean>;
  encrypt(text: string): Promise<Uint8Array>;
  /** Rejects for what another person or system has encrypted. */
  decrypt(bytes: Uint8Array): Promise<string>;
}

export class KeptSecret {
  readonly #file: string;
  readonly #cipher: Cipher;
  #session: string | undefined;

  /** @param file place of the encrypted secret; it need not exist */
  constructor(file: string, cipher: Cipher) {
    this.#file = file;
    this.#cipher = cipher;
  }

  /** Whether it could be kept on the disk. */
  async canSave(): Promise<boolean> {
    return this.#cipher.available();
  }

  async place(): Promise<'none' | 'saved' | 'session'> {
    if (this.#session !== undefined) return 'session';
    return (await this.read()) === undefined ? 'none' : 'saved';
  }

  /** Keeps it: safely on disk, or until the app ends where the system cannot protect it. */
  async save(secret: string): Promise<void> {
    if (!(await this.#cipher.available())) {
      this.#session = secret;
      return;
    }
    await writeFileAtomic(this.#file, await this.#cipher.encrypt(secret));
    this.#session = undefined;
  }

  async forget(): Promise<void> {
    this.#session = undefined;
    await rm(this.#file, { force: true });
  }

  /** Undefined where there is none, or none that can be read here. */
  async read(): Promise<string | undefined> {
    if (this.#session !== undefined) return this.#session;
    if (!(await this.#cipher.available())) return undefined;
    try {
      return await this.#cipher.decrypt(await readFile(this.#file));
    } catch {
      return undefined;
    }
  }
}
