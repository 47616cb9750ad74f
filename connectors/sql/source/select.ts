// The SELECT of a read: columns as they are read, rows of a key range, rows of a window.
import type { ReadPlace, SourceColumn, SqlWords } from './dialect.ts';
import { before, behind } from '../key-bounds.ts';
import type { BoundPart } from '../key-bounds.ts';
import type { Bound, KeyRange } from './plan-text.ts';

export interface Select {
  readonly words: SqlWords;
  readonly place: ReadPlace;
  readonly columns: readonly SourceColumn[];
  readonly bounds: readonly SourceColumn[];
  readonly range: KeyRange;
  /** SQL of each condition besides. */
  readonly where: readonly string[];
}

export function selectSql({ words, place, columns, bounds, range, where }: Select): string {
  const list = columns.map((column) => column.read(words.quote(column.name))).join(', ');
  return `SELECT ${list} FROM ${words.from(place)}${whereSql([...rangeConditions(words, bounds, range), ...where])}`;
}

export function whereSql(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

/** That the column's value can bound a range; as a condition, so that an index still serves MIN and MAX. */
export function boundingOnly({ name, bound }: SourceColumn, words: SqlWords): readonly string[] {
  const quoted = words.quote(name);
  return bound(quoted) === quoted ? [] : [`${bound(quoted)} IS NOT NULL`];
}

export function rangeConditions(
  words: SqlWords,
  bounds: readonly SourceColumn[],
  { from, until }: KeyRange,
): readonly string[] {
  return [
    ...(from === null ? [] : [atOrBehind(words, bounds, from, '>=')]),
    ...(until === null ? [] : [before(partsOf(words, bounds, until))]),
  ];
}

/** The key lies at the bound or behind it (`>=`), or behind it (`>`). */
export function atOrBehind(
  words: SqlWords,
  bounds: readonly SourceColumn[],
  bound: NonNullable<Bound>,
  last: '>' | '>=',
): string {
  return behind(partsOf(words, bounds, bound), last);
}

function partsOf(
  words: SqlWords,
  bounds: readonly SourceColumn[],
  bound: NonNullable<Bound>,
): readonly BoundPart[] {
  return bounds.map((column, at) => ({
    term: words.quote(column.name),
    value: () => words.bound(bound[at] ?? '', column.order),
  }));
}
