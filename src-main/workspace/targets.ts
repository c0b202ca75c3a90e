/** The clusters of this person, with their tokens. */
import path from 'node:path';
import type { Target, TargetCall } from '../contract/targets.schema.ts';
import type { TargetEntry } from '../contract/targets.ts';
import { readTargets, removeTarget, saveTarget, targetNamed } from '../targets/targetFile.ts';
import { KeptSecret, type Cipher } from './keptSecret.ts';

export class Targets {
  readonly #file: string;
  readonly #tokens: string;
  readonly #cipher: Cipher;
  readonly #secrets = new Map<string, KeptSecret>();

  /**
   * @param home folder of `targets.json`, which the command line reads, too
   * @param state folder of the encrypted tokens
   */
  constructor(home: string, state: string, cipher: Cipher) {
    this.#file = path.join(home, 'targets.json');
    this.#tokens = state;
    this.#cipher = cipher;
  }

  /** @throws AppError SETTINGS_INVALID when the list is damaged */
  async list(): Promise<TargetEntry[]> {
    const targets = await readTargets(this.#file);
    return Promise.all(targets.map(async (target) => ({ target, token: await this.#secret(target.name).place() })));
  }

  /** @param token undefined leaves the one that is kept; an empty one takes it away */
  async save(target: Target, token: string | undefined): Promise<void> {
    // A token is for one address: it must not be sent to another that the same name is given later.
    const before = (await readTargets(this.#file)).find(({ name }) => name === target.name);
    const secret = this.#secret(target.name);
    if (before !== undefined && before.address !== target.address) await secret.forget();
    await saveTarget(this.#file, target);
    if (token === '') await secret.forget();
    else if (token !== undefined) await secret.save(token);
  }

  async remove(name: string): Promise<void> {
    await removeTarget(this.#file, name);
    await this.#secret(name).forget();
  }

  /** A target with its token, for the engine alone. @throws AppError SETTINGS_INVALID for an unknown name */
  async call(name: string): Promise<TargetCall> {
    const target = targetNamed(await readTargets(this.#file), name);
    const token = await this.#secret(name).read();
    return { target, ...(token === undefined ? {} : { token }) };
  }

  #secret(name: string): KeptSecret {
    const found =
      this.#secrets.get(name) ?? new KeptSecret(path.join(this.#tokens, `target-${name}.bin`), this.#cipher);
    this.#secrets.set(name, found);
    return found;
  }
}
