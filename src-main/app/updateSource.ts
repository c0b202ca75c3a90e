/** Whether, and from where, this copy of the app can bring newer versions. Pure of Electron. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { NoUpdates } from '../contract/updates.ts';

export interface Installation {
  readonly platform: NodeJS.Platform;
  readonly packaged: boolean;
  /** Folder of what ships beside the program. */
  readonly resources: string;
  /** Path of the running program. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Undefined when newer versions can be brought. */
export function whyNoUpdates(installation: Installation): NoUpdates | undefined {
  if (!installation.packaged) return 'source';
  if (feedAddress(installation.resources) === undefined) return 'no-address';
  return isInstalled(installation) ? undefined : 'unpacked';
}

/**
 * The address that was given when the package was built (see src-main/setup/package.mjs). What comes from there is run,
 * so without encryption only this computer itself is asked.
 */
export function feedAddress(resources: string): string | undefined {
  const file = path.join(resources, 'app-update.yml');
  if (!existsSync(file)) return undefined;
  const written = /^url:\s*['"]?(\S+?)['"]?\s*$/m.exec(readFileSync(file, 'utf8'))?.[1];
  if (written === undefined) return undefined;
  try {
    const { protocol, hostname } = new URL(written);
    const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
    return protocol === 'https:' || (protocol === 'http:' && isLocal) ? written : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an installer has put the app in its place, and another one can put a newer one there. */
function isInstalled({ platform, resources, program, environment }: Installation): boolean {
  switch (platform) {
    case 'linux':
      // An AppImage is told by what starts it. Packages go to /opt and hold their kind; an archive may hold that file, too.
      return (
        environment['APPIMAGE'] !== undefined ||
        (resources.startsWith('/opt/') && existsSync(path.join(resources, 'package-type')))
      );
    case 'win32':
      return existsSync(path.join(path.dirname(program), 'Uninstall SARA Studio.exe'));
    default:
      return platform === 'darwin';
  }
}
