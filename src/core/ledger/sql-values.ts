// Values of the ledger's rows as drivers give them.
import type { LedgerRow } from './sql-session.ts';

/** Sums come back as text, counts as numbers, depending on the driver. */
export function integer(row: LedgerRow, column: string): number {
  const value = Number(row[column]);
  if (!Number.isSafeInteger(value)) throw new TypeError(`reading ${column} of the ledger: not an integer`);
  return value;
}

export function integerOrNull(row: LedgerRow, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

export function textOrNull(row: LedgerRow, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function text(row: LedgerRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`reading ${column} of the ledger: not text`);
  return value;
}
