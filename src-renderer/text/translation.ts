/** Forms of a text that counts something; chosen by the language's plural rules for `count`. */
export interface PluralForms {
  readonly one: string;
  readonly other: string;
}

export type Entry = string | PluralForms;

/**
 * A file of a translation: keys of the English file and no others. Chinese has one form for every count. Keys may be
 * missing while a text is new, and are shown in English then; a test names them.
 */
export type Chinese<Source> = { readonly [K in keyof Source]?: string };
