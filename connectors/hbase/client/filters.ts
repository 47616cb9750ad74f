// Filters, which region servers run: what they keep back is not sent. Text stands for its UTF-8 bytes; all compare unsigned bytes.
import type { Comparison, Filter } from './messages/filter.ts';
import { bytesOf } from './mutate/mutations.ts';
import type { Bytes } from './mutate/mutations.ts';

/** Rows whose key begins with `prefix`. The scan still goes on to the end of its range: give it that too, where it is known. */
export function prefixFilter(prefix: Bytes): Filter {
  return { kind: 'prefix', prefix: bytesOf(prefix) };
}

/** Rows whose key is as said, e.g. `rowFilter('greater', 'k5')`. */
export function rowFilter(compare: Comparison, key: Bytes): Filter {
  return { kind: 'row', compare, key: bytesOf(key) };
}

/**
 * Whole rows by the newest value of one column. The column must be among those that the read asks for.
 * `missing`: what happens to rows without the column; default: they are kept back.
 */
export function columnValueFilter(
  column: { readonly family: Bytes; readonly qualifier: Bytes },
  compare: Comparison,
  value: Bytes,
  { missing = 'drop' }: { readonly missing?: 'drop' | 'pass' } = {},
): Filter {
  const [family, qualifier] = [bytesOf(column.family), bytesOf(column.qualifier)];
  const passMissing = missing === 'pass';
  return { kind: 'column-value', family, qualifier, compare, value: bytesOf(value), passMissing };
}

/** Cells of columns whose qualifier begins with one of the prefixes, in any family. */
export function columnPrefixFilter(...prefixes: readonly Bytes[]): Filter {
  return { kind: 'column-prefixes', prefixes: prefixes.map(bytesOf) };
}

/** Cells without their values. */
export function keyOnlyFilter(): Filter {
  return { kind: 'key-only' };
}

/** The first cell of each row. */
export function firstKeyOnlyFilter(): Filter {
  return { kind: 'first-key-only' };
}

/** Of each row the first cell, without its value: all that its key needs. */
export function rowKeysFilter(): Filter {
  return allOf(firstKeyOnlyFilter(), keyOnlyFilter());
}

/** At most so many rows of each region; for so many in all use the scan's `limitRows`. */
export function pageFilter(rows: number): Filter {
  return { kind: 'page', rows };
}

/** What passes all of them. */
export function allOf(...filters: readonly Filter[]): Filter {
  return { kind: 'all', filters };
}

/** What passes one of them at least. */
export function anyOf(...filters: readonly Filter[]): Filter {
  return { kind: 'any', filters };
}
