// Whether Chromium's sandbox can work on this machine; where it cannot, Electron would not start.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isRootOnLinux } from './project.mjs';

/** @param {string} name file below /proc/sys/kernel */
function kernelSetting(name) {
  const file = join('/proc/sys/kernel', name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/**
 * Why the sandbox does not work here; undefined when it does.
 * https://chromium.googlesource.com/chromium/src/+/main/docs/security/apparmor-userns-restrictions.md
 * @param {string} runtime folder of Electron
 */
export function whyNoSandbox(runtime) {
  return isRootOnLinux ? 'it does not work for the root user' : whyNoSandboxForOthers(runtime);
}

/**
 * Why the sandbox would not work here for an ordinary user; undefined when it would.
 * @param {string} runtime folder of Electron
 */
export function whyNoSandboxForOthers(runtime) {
  if (process.platform !== 'linux') return undefined;
  const helper = statSync(join(runtime, 'chrome-sandbox'), { throwIfNoEntry: false });
  const helperWorks = helper !== undefined && helper.uid === 0 && (helper.mode & 0o4000) !== 0;
  const refused =
    kernelSetting('unprivileged_userns_clone') === '0' ||
    kernelSetting('apparmor_restrict_unprivileged_userns') === '1';
  return refused && !helperWorks ? 'this system does not let programs make user namespaces' : undefined;
}
