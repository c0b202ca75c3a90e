import { en } from './en.ts';

/** Forms of a text that counts something; chosen by the language's plural rules for `count`. */
export interface PluralForms {
  readonly one: string;
  readonly other: string;
}
type Entry = string | PluralForms;

export type TextKey = keyof typeof en;
/** A complete translation: every key, with the same placeholders. */
export type Catalogue = { readonly [K in TextKey]: Entry };

type Names<S> = S extends `${string}{${infer P}}${infer Rest}` ? P | Names<Rest> : never;
type NamesOf<E> = E extends string
  ? Names<E>
  : E extends PluralForms
    ? Names<E['one']> | Names<E['other']> | 'count'
    : never;
type Values<K extends TextKey> = { readonly [P in NamesOf<(typeof en)[K]>]: string | number };
/** Keys whose text has no placeholder. */
export type PlainKey = { [K in TextKey]: [NamesOf<(typeof en)[K]>] extends [never] ? K : never }[TextKey];

interface Language {
  readonly tag: string;
  readonly catalogue: Catalogue;
}
const languages: readonly Language[] = [{ tag: 'en', catalogue: en }];

let current = $state.raw<Language>(languages[0] ?? { tag: 'en', catalogue: en });

/** Takes the catalogue of a language tag (`en`, …); an unknown one leaves English. */
export function setLanguage(tag: string): void {
  current = languages.find((l) => tag === l.tag || tag.startsWith(`${l.tag}-`)) ?? { tag: 'en', catalogue: en };
}

export function language(): string {
  return current.tag;
}

/** The text of a key in the language of the window. Numbers are grouped as the language does it. */
export function t<K extends TextKey>(
  key: K,
  ...values: [NamesOf<(typeof en)[K]>] extends [never] ? [] : [Values<K>]
): string {
  return fill(current, key, values[0]);
}

function fill(
  { tag, catalogue }: Language,
  key: TextKey,
  values: Readonly<Record<string, string | number>> | undefined,
) {
  const entry: Entry = catalogue[key];
  const pattern =
    typeof entry === 'string'
      ? entry
      : new Intl.PluralRules(tag).select(Number(values?.['count'] ?? 0)) === 'one'
        ? entry.one
        : entry.other;
  if (values === undefined) return pattern;
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(tag).format(value) : value;
  });
}
