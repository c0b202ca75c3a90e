import { safeStorage } from 'electron';
import type { Cipher } from '../workspace/hubTokens.ts';

// Electron 25 does not name its backend on Linux; there it says "not available" for the one that protects nothing.
const optional: Pick<typeof safeStorage, 'isEncryptionAvailable'> & { getSelectedStorageBackend?(): string } =
  safeStorage;

/** The keychain of the system. Linux without one would use a key that everybody knows: that counts as none. */
export const systemCipher: Cipher = {
  available: () => safeStorage.isEncryptionAvailable() && backend() !== 'basic_text',
  encrypt: (text) => safeStorage.encryptString(text),
  decrypt: (bytes) => safeStorage.decryptString(Buffer.from(bytes)),
};

function backend(): string {
  return process.platform === 'linux' ? (optional.getSelectedStorageBackend?.() ?? '') : '';
}
