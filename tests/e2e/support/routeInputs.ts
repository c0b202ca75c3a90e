/** Inputs for every route, made from its own schema by a seeded generator: valid ones, and ones with something hostile in them. */
import { z } from 'zod';
import { routeSchemas } from '../../../src-main/contract/routes.schema.ts';
import type { RouteName } from '../../../src-main/contract/routes.ts';
import { Rng } from '../../../src-main/util/rng.ts';

/** A JSON schema as zod writes it, as far as the routes need it. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

export const routeNames = Object.keys(routeSchemas) as RouteName[];

/**
 * Names of what only the page can make, since it does not survive JSON; `materialise` in the page puts it in its place.
 * `§` begins no text of the app.
 */
const strange = [
  '§undefined',
  '§nan',
  '§infinity',
  '§bigint',
  '§date',
  '§regexp',
  '§map',
  '§bytes',
  '§proto',
  '§constructor',
  '§circular',
  '§deep',
  '§long',
  '§wide',
] as const;

const plain: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  2 ** 53,
  1e308,
  -1e308,
  '',
  ' ',
  '\0',
  '..',
  '../../../../etc/passwd',
  '/etc/passwd',
  '/proc/self/environ',
  '/dev/zero',
  'file:///etc/passwd',
  '\\\\server\\share',
  'C:\\Windows\\win.ini',
  '__proto__',
  'constructor',
  'toString',
  '%s%n%x',
  '$(touch /tmp/x)`touch /tmp/x`',
  '\u{202e}gnp.exe',
  '\ud800',
  '<script>alert(1)</script>',
  [],
  {},
  [[]],
  [null],
  { length: -1 },
  { then: 1 },
  { toString: 1 },
  { $ref: '#' },
];

/** Texts that stand for paths: what a field of this name gets. */
export type PathFor = (field: string) => string;

/** Fields whose text is a path, wherever they stand. */
const pathFields =
  /^(model|models|path|run|runs|out|data|validationPath|folder|target|certificate|exportedTo|against)$/;

export class RouteInputs {
  readonly #rng: Rng;
  readonly #pathFor: PathFor;

  constructor(seed: number, pathFor: PathFor) {
    this.#rng = new Rng(seed);
    this.#pathFor = pathFor;
  }

  /** An input that the route's schema takes, or nearly: rules that span fields are not in a JSON schema. */
  valid(route: RouteName): unknown {
    const schema = z.toJSONSchema(routeSchemas[route], { io: 'input', unrepresentable: 'any' }) as Schema;
    return this.#make(schema, schema, '', 0);
  }

  /** The valid input with one to three hostile values somewhere in it. */
  hostile(route: RouteName): unknown {
    let input = this.valid(route);
    for (let left = 1 + this.#below(3); left > 0; left--) input = this.#spoil(input);
    return input;
  }

  #below(bound: number): number {
    return this.#rng.integer(bound);
  }

  #oneOf<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }

  #make(schema: Schema, root: Schema, field: string, depth: number): unknown {
    if (schema.$ref !== undefined) {
      const named = root.$defs?.[schema.$ref.split('/').at(-1) ?? ''] ?? {};
      return depth > 6 ? null : this.#make(named, root, field, depth + 1);
    }
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return this.#oneOf(schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return this.#make(this.#oneOf(choices), root, field, depth + 1);
    if (schema.allOf !== undefined) {
      return Object.assign({}, ...schema.allOf.map((part) => this.#make(part, root, field, depth + 1))) as unknown;
    }
    switch (schema.type) {
      case 'object':
        return this.#object(schema, root, depth);
      case 'array':
        return this.#array(schema, root, field, depth);
      case 'string':
        return this.#text(schema, field);
      case 'integer':
      case 'number':
        return this.#number(schema);
      case 'boolean':
        return this.#below(2) === 1;
      default:
        return null;
    }
  }

  #object(schema: Schema, root: Schema, depth: number): unknown {
    const made: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(schema.properties ?? {})) {
      const needed = schema.required?.includes(name) === true;
      // Every path that may be given is given: they are what is looked for.
      if (needed || pathFields.test(name) || this.#below(3) === 0) made[name] = this.#make(part, root, name, depth + 1);
    }
    if (typeof schema.additionalProperties === 'object') {
      const names = schema.propertyNames?.enum ?? ['learningRate', 'model', 'data.path'];
      const name = String(this.#oneOf(names));
      made[name] = this.#make(schema.additionalProperties, root, name === 'data.path' ? 'path' : name, depth + 1);
    }
    return made;
  }

  #array(schema: Schema, root: Schema, field: string, depth: number): unknown {
    if (schema.prefixItems !== undefined)
      return schema.prefixItems.map((part) => this.#make(part, root, field, depth + 1));
    const length = Math.max(schema.minItems ?? 0, 1 + this.#below(2));
    return Array.from({ length }, () => this.#make(schema.items ?? {}, root, field, depth + 1));
  }

  #text(schema: Schema, field: string): string {
    if (schema.pattern !== undefined && !pathFields.test(field)) return this.#oneOf(['a-name', 'name', 'owner/name']);
    // Nothing answers there.
    if (schema.format === 'uri') return this.#oneOf(['https://127.0.0.1:9/', 'http://127.0.0.1:9/']);
    if (pathFields.test(field)) return this.#pathFor(field);
    return 'x'.repeat(Math.max(schema.minLength ?? 0, 1 + this.#below(8)));
  }

  #number({ type, minimum, exclusiveMinimum, maximum }: Schema): number {
    const least = minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + (type === 'integer' ? 1 : 1e-3));
    const span = Math.min((maximum ?? least + 4) - least, 4);
    const value = least + this.#rng.next() * span;
    return type === 'integer' ? Math.floor(value) : value;
  }

  /** Puts something hostile in the place of a part that is drawn, or beside it. */
  #spoil(value: unknown): unknown {
    const isTree = typeof value === 'object' && value !== null && !Array.isArray(value);
    const names = isTree ? Object.keys(value) : [];
    if (isTree && names.length > 0 && this.#below(5) > 0) {
      const name = this.#oneOf(names);
      const copy: Record<string, unknown> = { ...value };
      copy[name] = this.#spoil(copy[name]);
      return copy;
    }
    if (isTree && this.#below(3) === 0) return { ...value, [this.#oneOf(['§proto', '§own', 'extra'])]: 1 };
    return this.#below(2) === 0 ? this.#oneOf(strange) : this.#oneOf(plain);
  }
}

/** Paths of texts in a value, as lists of keys. */
export function placesOfTexts(value: unknown, at: readonly string[] = []): (readonly string[])[] {
  if (typeof value === 'string') return [at];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => placesOfTexts(part, [...at, name]));
}

/** A copy of a value with one part replaced. */
export function withAt(value: unknown, [name, ...rest]: readonly string[], replacement: unknown): unknown {
  if (name === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((part: unknown, i) => (String(i) === name ? withAt(part, rest, replacement) : part));
  const object = value as Readonly<Record<string, unknown>>;
  return { ...object, [name]: withAt(object[name], rest, replacement) };
}
