// Deletes by comparison: after the rows of a range, all its keys in the order of their bytes, in pieces that lie end to end; the target
// removes what none of them names. Read from the same view as the rows, so a key that is there was sent.
import type { RowOutput } from '../../../src/core/connector/contract.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { ByteWriter, readRow } from '../../../src/core/record/row-format.ts';
import type { SqlSourceOwnConfig } from './config.ts';
import type { SourceColumn, SourceSession } from './dialect.ts';
import type { Bound, KeyRange } from './plan-text.ts';
import type { RowColumns } from './row-columns.ts';
import { RowWriter } from './row-writer.ts';
import { rangeConditions, whereSql } from './select.ts';

const keysPerClaim = 5_000;
const bytesPerClaim = 400_000;
const LF = 0x0a;

/** The key's one column. @throws SyncError SOURCE_SCHEMA when deletes can't be followed with this key */
export function comparedColumn(
  { deletes, name, place }: Pick<SqlSourceOwnConfig, 'deletes' | 'name' | 'place'>,
  { schema, columns }: RowColumns,
): SourceColumn | null {
  if (deletes === 'ignore') return null;
  const [key, second] = schema.key;
  const column = columns.find((each) => each.name === key);
  const kind = typeof column?.type === 'object' ? column.type.kind : '';
  const isOne = column !== undefined && second === undefined && (kind === 'string' || kind === 'bytes');
  if (isOne && schema.merging === undefined && place.kind === 'table') return column;
  throw new SyncError('SOURCE_SCHEMA', {
    message: `following deletes of ${name} (sql.deletes=reconcile): keys are compared for tables whose own key is one column of text or bytes, found ${schema.key.length === 0 ? 'none' : schema.key.join(', ')}; write ignore`,
    field: 'sql.deletes',
  });
}

/** The server orders text by its collation, the target by its bytes: only ranges of bytes are the same in both. */
export function canCut(column: SourceColumn | null): boolean {
  return column === null || column.order === 'bytes';
}

export interface Claiming {
  readonly session: SourceSession;
  readonly config: Pick<SqlSourceOwnConfig, 'place' | 'server'>;
  readonly column: SourceColumn;
  readonly rows: RowColumns;
  readonly range: KeyRange;
  /** All rows of the range were sent by this run. */
  readonly allSent: boolean;
  readonly out: RowOutput;
}

export async function claimKeys(claiming: Claiming): Promise<void> {
  const { session, config, column, rows, range, out } = claiming;
  const { words } = session;
  const field = rows.fields.find((each) => each.field.name === column.name);
  if (field === undefined) throw new TypeError('a key without a field');
  const claims = new Claims(claiming);
  const writer = new RowWriter({ fields: [field], key: [0], zeroDates: config.server.zeroDates });
  const name = words.quote(column.name);
  const ordered = column.order === 'bytes' ? name : words.binary(name);
  const where = whereSql(rangeConditions(words, rows.bounds, range));
  const sql = `SELECT ${column.read(name)} FROM ${words.from(config.place)}${where} ORDER BY ${ordered}`;
  writer.begin(claims);
  await session.stream(sql, { writer, forms: [field.form], drained: () => out.drained() });
  claims.end();
}

class Claims implements RowOutput {
  readonly #out: RowOutput;
  readonly #allSent: boolean;
  readonly #until: Buffer | null;
  readonly #keys = new ByteWriter(bytesPerClaim);
  #from: Buffer | null;
  #rows = 0;

  constructor({ out, allSent, range }: Claiming) {
    this.#out = out;
    this.#allSent = allSent;
    this.#from = boundBytes(range.from);
    this.#until = boundBytes(range.until);
  }

  row(bytes: Uint8Array, keyEnd: number, end: number): void {
    const keys = this.#keys;
    if (this.#rows >= keysPerClaim || keys.length >= bytesPerClaim)
      this.#give(readRow(bytes, keyEnd, end)[0] ?? null);
    keys.ensure(end - keyEnd + 3);
    keys.bytes.set(bytes.subarray(keyEnd, end), keys.length);
    keys.length += end - keyEnd;
    if (this.#allSent) {
      keys.writeTab();
      keys.writeText('1');
    }
    keys.bytes[keys.length] = LF;
    keys.length += 1;
    this.#rows += 1;
  }

  end(): void {
    this.#give(this.#until);
  }

  #give(until: Buffer | null): void {
    if (this.#out.claimed === undefined) throw new TypeError('claiming keys: the output takes none');
    const keys = this.#keys;
    const bytes = Buffer.from(keys.bytes.subarray(0, keys.length));
    this.#out.claimed({ from: this.#from, until, keys: { bytes, rows: this.#rows } });
    [this.#from, this.#rows, keys.length] = [until, 0, 0];
  }

  dirty(): void {
    // Its row is dirty, too, and was never written.
  }

  filtered(): void {
    // This source passes nothing over.
  }

  nulled(): void {
    // A key is never NULL.
  }

  drained(): Promise<void> {
    return this.#out.drained();
  }
}

/** Bounds are text only where the whole table is one range. */
function boundBytes(bound: Bound): Buffer | null {
  return bound === null ? null : Buffer.from(bound[0] ?? '', 'hex');
}
