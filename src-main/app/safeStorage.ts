import { safeStorage } from 'electron';
import type { Cipher } from '../workspace/keptSecret.ts';

/** Electron 25 has only the older, synchronous half, and there says "not available" for a backend that protects nothing. */
interface SafeStorage {
  isAsyncEncryptionAvailable?(): Promise<boolean>;
  encryptStringAsync?(text: string): Promise<Buffer>;
  decryptStringAsync?(bytes: Buffer): Promise<{ readonly result: string }>;
  getSelectedStorageBackend?(): string;
  isEncryptionAvailable(): boolean;
  encryptString(text: string): Buffer;
  decryptString(bytes: Buffer): string;
}
const storage: SafeStorage = safeStorage;

/** The keychain of the system. Linux without one would use a key that everybody knows: that counts as none. */
export const systemCipher: Cipher = {
  async available() {
    if (process.platform === 'linux' && storage.getSelectedStorageBackend?.() === 'basic_text') return false;
    return (await storage.isAsyncEncryptionAvailable?.()) ?? storage.isEncryptionAvailable();
  },
  encrypt: async (text) => (await storage.encryptStringAsync?.(text)) ?? storage.encryptString(text),
  async decrypt(bytes) {
    const whole = Buffer.from(bytes);
    return (await storage.decryptStringAsync?.(whole))?.result ?? storage.decryptString(whole);
  },
};
