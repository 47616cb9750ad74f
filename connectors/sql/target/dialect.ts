// The words in which the SQL of targets differs.
import type { LedgerDialect } from '../../../src/core/ledger/sql-session.ts';

export interface SqlDialect extends LedgerDialect {
  /** A checked name as it stands in a statement. Throws on one that was not checked. */
  readonly quote: (name: string) => string;
  /** What stands for the n-th value of a statement, from 1: `?` or `$1`. */
  readonly parameter: (place: number) => string;
  /** ALTER TABLE adds one column only. */
  readonly addsOneByOne?: boolean;
  /** Behind the values of an INSERT: a row whose key is there takes the values of the new one. Quoted columns; `rest` may be empty. */
  readonly upsert?: (columns: {
    readonly key: readonly string[];
    readonly rest: readonly string[];
  }) => string;
  /** An error that lies in a row: a value that is none, a constraint. null: in anything else; then the transaction fails. */
  readonly refusal?: (error: unknown) => Refusal | null;
  /** Most values that one statement may have. Absent: 900, which all servers take. */
  readonly maxParameters?: number;
  /** A quoted column as it is read without losing anything of its value, where it is only compared; absent: as it stands. */
  readonly readWhole?: (quoted: string) => string;
  /** A quoted column of text or bytes as its bytes; absent: as it stands. */
  readonly readBytes?: (quoted: string) => string;
}

/** How most columns are read. */
export function asItStands(quoted: string): string {
  return quoted;
}

/** Why a row is refused. */
export interface Refusal {
  /** For the user, in the server's words. */
  readonly reason: string;
  /** The column at fault, where the server names it. */
  readonly column?: string;
  /** Another row of the target stands against it. */
  readonly conflict?: boolean;
}

/** `schema.table` quoted; `schema`: null where the target has none. */
export function qualified(
  { quote }: Pick<SqlDialect, 'quote'>,
  schema: string | null,
  table: string,
): string {
  return schema === null ? quote(table) : `${quote(schema)}.${quote(table)}`;
}
