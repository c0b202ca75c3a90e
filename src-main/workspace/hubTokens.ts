/** The token of the Hugging Face hub. */
import type { HubAccount } from '../contract/hub.ts';
import { AppError } from '../util/appError.ts';
import { hubEndpoint } from '../util/hubEndpoint.ts';
import { KeptSecret, type Cipher } from './keptSecret.ts';

export class HubTokens {
  readonly #secret: KeptSecret;

  /** @param file place of the encrypted token; it need not exist */
  constructor(file: string, cipher: Cipher) {
    this.#secret = new KeptSecret(file, cipher);
  }

  /** @throws AppError SETTINGS_INVALID for an address of the hub that no token may be sent to */
  async account(): Promise<HubAccount> {
    const canSave = await this.#secret.canSave();
    return { endpoint: hubEndpoint(), token: await this.#secret.place(), canSave };
  }

  /** Keeps a token: safely on disk, or until the app ends where the system cannot protect it. */
  async save(token: string): Promise<void> {
    await this.#secret.save(token);
  }

  async forget(): Promise<void> {
    await this.#secret.forget();
  }

  /** The token, for the engine alone. @throws AppError SETTINGS_INVALID when there is none */
  async token(): Promise<string> {
    const token = await this.#secret.read();
    if (token === undefined) {
      throw new AppError('SETTINGS_INVALID', 'There is no token for the Hugging Face hub; enter one first.');
    }
    return token;
  }
}
