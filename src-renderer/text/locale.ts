/** The tag of the language spoken, for formats that are pure functions and run without the window in tests. */

let read = (): string => 'en';

/** Says where the tag is read; the window's is reactive, so that formatted values follow a change. */
export function provideLocale(reader: () => string): void {
  read = reader;
}

export function locale(): string {
  return read();
}
