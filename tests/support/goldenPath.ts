import path from 'node:path';

/** A file or folder of the reference fixtures. */
export function goldenPath(...parts: readonly string[]): string {
  return path.join(import.meta.dirname, '..', 'golden', 'fixtures', ...parts);
}

/** The bundled story model. */
export const storiesFolder = path.join(import.meta.dirname, '..', '..', 'resources', 'samples', 'stories260K');
