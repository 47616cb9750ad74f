// The words in which the SQL of targets differs.
import type { LedgerDialect } from '../../../src/core/ledger/sql-session.ts';

export interface SqlDialect extends LedgerDialect {
  /** A checked name as it stands in a statement. Throws on one that was not checked. */
  readonly quote: (name: string) => string;
  /** What stands for the n-th value of a statement, from 1: `?` or `$1`. */
  readonly parameter: (place: number) => string;
  /** ALTER TABLE adds one column only. */
  readonly addsOneByOne?: boolean;
  /** Most values that one statement may have. Absent: 900, which all servers take. */
  readonly maxParameters?: number;
  /** A quoted column as it is read without losing anything of its value, where it is only compared; absent: as it stands. */
  readonly readWhole?: (quoted: string) => string;
}

/** `schema.table` quoted; `schema`: null where the target has none. */
export function qualified(
  { quote }: Pick<SqlDialect, 'quote'>,
  schema: string | null,
  table: string,
): string {
  return schema === null ? quote(table) : `${quote(schema)}.${quote(table)}`;
}
