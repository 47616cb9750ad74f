// Rows of the target that were looked for: how many were not as they were left, and the first of their keys.

export interface FoundRows {
  readonly rows: number;
  /** Printable, of the first of them. */
  readonly keys: readonly string[];
}

const maxKeys = 3;

export const noRows: FoundRows = { rows: 0, keys: [] };

/** By their printable keys. */
export function foundRows(keys: readonly string[]): FoundRows {
  return { rows: keys.length, keys: keys.slice(0, maxKeys) };
}

export function addFound(some: FoundRows, others: FoundRows): FoundRows {
  const keys = [...new Set([...some.keys, ...others.keys])];
  return { rows: some.rows + others.rows, keys: keys.slice(0, maxKeys) };
}
