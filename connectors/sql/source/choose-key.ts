// Which of a table's unique indexes tells its rows apart.

export interface IndexPart {
  readonly index: string;
  /** null: an expression, a part of a column, or a column that may be NULL. */
  readonly column: string | null;
}

/** The columns of the first index that has whole columns only, none of which may be NULL; empty: there is none. The primary one comes first. */
export function chooseKey(parts: readonly IndexPart[]): readonly string[] {
  const indexes = new Map<string, (string | null)[]>();
  for (const { index, column } of parts) {
    const known = indexes.get(index);
    if (known === undefined) indexes.set(index, [column]);
    else known.push(column);
  }
  for (const columns of indexes.values()) if (columns.every((column) => column !== null)) return columns;
  return [];
}
