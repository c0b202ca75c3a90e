/** The token of the Hugging Face hub: on disk only as the system’s safe storage has encrypted it, else in memory alone. */
import { readFile, rm } from 'node:fs/promises';
import type { HubAccount } from '../contract/hub.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { hubEndpoint } from '../util/hubEndpoint.ts';

/** What encrypts for this person on this system. */
export interface Cipher {
  /** False where the system could only hide a text, not protect it. */
  available(): Promise<boolean>;
  encrypt(text: string): Promise<Uint8Array>;
  /** Rejects for what another person or system has encrypted. */
  decrypt(bytes: Uint8Array): Promise<string>;
}

export class HubTokens {
  readonly #file: string;
  readonly #cipher: Cipher;
  #session: string | undefined;

  /** @param file place of the encrypted token; it need not exist */
  constructor(file: string, cipher: Cipher) {
    this.#file = file;
    this.#cipher = cipher;
  }

  /** @throws AppError SETTINGS_INVALID for an address of the hub that no token may be sent to */
  async account(): Promise<HubAccount> {
    const canSave = await this.#cipher.available();
    const kept = this.#session === undefined ? await this.#read() : undefined;
    const token = this.#session !== undefined ? 'session' : kept !== undefined ? 'saved' : 'none';
    return { endpoint: hubEndpoint(), token, canSave };
  }

  /** Keeps a token: safely on disk, or until the app ends where the system cannot protect it. */
  async save(token: string): Promise<void> {
    if (!(await this.#cipher.available())) {
      this.#session = token;
      return;
    }
    await writeFileAtomic(this.#file, await this.#cipher.encrypt(token));
    this.#session = undefined;
  }

  async forget(): Promise<void> {
    this.#session = undefined;
    await rm(this.#file, { force: true });
  }

  /** The token, for the engine alone. @throws AppError SETTINGS_INVALID when there is none */
  async token(): Promise<string> {
    const token = this.#session ?? (await this.#read());
    if (token === undefined) {
      throw new AppError('SETTINGS_INVALID', 'There is no token for the Hugging Face hub; enter one first.');
    }
    return token;
  }

  /** Undefined where there is none, or none that can be read here. */
  async #read(): Promise<string | undefined> {
    if (!(await this.#cipher.available())) return undefined;
    try {
      return await this.#cipher.decrypt(await readFile(this.#file));
    } catch {
      return undefined;
    }
  }
}
