import type { SchemaTree } from 'hyparquet';

export interface ParquetColumns {
  /** Names of the columns that can be read. */
  readonly readable: readonly string[];
  readonly leftOut: readonly { readonly name: string; readonly kind: string }[];
}

/** Which columns hold single values, or lists of single values or of structures of these. */
export function parquetColumns(schema: SchemaTree): ParquetColumns {
  const readable: string[] = [];
  const leftOut: { name: string; kind: string }[] = [];
  for (const column of schema.children) {
    const kind = nestingOf(column);
    if (kind === undefined) readable.push(column.element.name);
    else leftOut.push({ name: column.element.name, kind });
  }
  return { readable, leftOut };
}

/** What a column is nested as, or undefined where it can be read. */
function nestingOf(column: SchemaTree): string | undefined {
  if (column.children.length === 0) return undefined;
  const { converted_type: type, logical_type: logical } = column.element;
  if (type === 'MAP' || logical?.type === 'MAP') return 'a map';
  const item = listItem(column);
  if (item === undefined) return 'a structure';
  if (item.children.length === 0) return undefined;
  return item.children.every((field) => field.children.length === 0) ? undefined : 'a list of lists or structures';
}

/** The element of a list, in the three-level form that writers use today (`list`, `element`). */
function listItem(column: SchemaTree): SchemaTree | undefined {
  const { converted_type: type, logical_type: logical } = column.element;
  if (type !== 'LIST' && logical?.type !== 'LIST') return undefined;
  const [repeated, ...others] = column.children;
  if (repeated === undefined || others.length > 0 || repeated.element.repetition_type !== 'REPEATED') return undefined;
  return repeated.children.length === 1 ? repeated.children[0] : undefined;
}
