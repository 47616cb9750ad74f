// Names and values before they stand in SQL: the check is one for all dialects. What it refuses is a defect of ours, not of a user's.
import type { ReadPlace } from './dialect.ts';

type TablePlace = Extract<ReadPlace, { kind: 'table' }>;

/** A name between `mark`s, with those in it doubled. Throws TypeError. */
export function quoteName(name: string, mark: '"' | '`'): string {
  if (name === '' || name.includes('\0')) throw new TypeError('a name that no server has');
  return `${mark}${name.replaceAll(mark, mark + mark)}${mark}`;
}

/** What stands behind FROM. `table`: of a table's place. */
export function fromSql(place: ReadPlace, table: (place: TablePlace) => string): string {
  // A comment at the end of a query must not take the bracket along.
  return place.kind === 'table' ? table(place) : `(${place.sql}\n) AS syncline_query`;
}

/** Throws TypeError. */
export function checkedNumber(text: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new TypeError(`no number: ${text}`);
  return text;
}

/** Throws TypeError. */
export function checkedHex(text: string): string {
  if (!/^(?:[\da-f]{2})*$/i.test(text)) throw new TypeError(`no bytes in hex: ${text}`);
  return text;
}

/** Where only the quote itself is special in a text. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", "''")}'`;
}
