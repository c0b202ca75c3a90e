/** A schema of changes from a schema of the whole. */
import { z } from 'zod';

type WithoutDefault<S> = S extends z.ZodDefault<infer Inner> ? Inner : S;

/** The fields of an object without what fills in missing ones; nested objects are left as they are. */
export function withoutDefaults<Shape extends z.ZodRawShape>(
  shape: Shape,
): { -readonly [K in keyof Shape]: WithoutDefault<Shape[K]> } {
  const entries = Object.entries(shape).map(([name, field]) => [
    name,
    field instanceof z.ZodDefault ? field.unwrap() : field,
  ]);
  return Object.fromEntries(entries) as { -readonly [K in keyof Shape]: WithoutDefault<Shape[K]> };
}
