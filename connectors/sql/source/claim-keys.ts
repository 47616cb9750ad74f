// Deletes by comparison: after the rows of a range, all its keys in the order of key-order.ts, in pieces that lie end to end; the target
// removes what none of them names. Read from the same view as the rows, so the row of a key that lies before the window's end was sent by
// this run or by one before: the target must have it.
import type { RowOutput } from '../../../src/core/connector/contract.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { comparableKinds, comparedAs } from '../../../src/core/record/key-order.ts';
import { ByteWriter, readRow } from '../../../src/core/record/row-format.ts';
import type { SqlSourceOwnConfig } from './config.ts';
import type { SourceColumn, SourceSession } from './dialect.ts';
import type { Bound, KeyRange } from './plan-text.ts';
import type { RowColumns } from './row-columns.ts';
import { RowWriter } from './row-writer.ts';
import type { WrittenField } from './row-writer.ts';
import { rangeConditions, whereSql } from './select.ts';

const keysPerClaim = 5_000;
const bytesPerClaim = 400_000;
const LF = 0x0a;

/** The key's columns, in its order; null: deletes are not followed. @throws SyncError SOURCE_SCHEMA when they can't be with this key */
export function comparedColumns(
  { deletes, name }: Pick<SqlSourceOwnConfig, 'deletes' | 'name'>,
  { schema, columns }: RowColumns,
): readonly SourceColumn[] | null {
  if (deletes === 'ignore') return null;
  const refuse = (problem: string): SyncError =>
    new SyncError('SOURCE_SCHEMA', {
      message: `following deletes of ${name} (sql.deletes=reconcile): ${problem}; write ignore`,
      field: 'sql.deletes',
    });
  if (schema.merging !== undefined || schema.key.length === 0)
    throw refuse(
      `keys are compared for tables with a key of their own, found ${schema.key.join(', ') || 'none'}`,
    );
  return schema.key.map((part) => {
    const column = columns.find((each) => each.name === part);
    if (column === undefined || typeof column.type === 'string')
      throw new TypeError('a key that is not read');
    if (comparedAs(column.type) !== null) return column;
    throw refuse(
      `keys are compared where they are ${comparableKinds}, and ${part} of the key is ${column.declared}`,
    );
  });
}

/** May ranges end at this key's values? Text is ordered by the server's collation, and compared by its bytes. */
export function canCut(
  { bounds }: Pick<RowColumns, 'bounds'>,
  compared: readonly SourceColumn[] | null,
): boolean {
  return (
    compared === null ||
    compared.every((column, at) => column.name === bounds[at]?.name && isOrderedAlike(column))
  );
}

/** The server's own order of the column is that of key-order.ts, and so are ranges that it cuts. */
function isOrderedAlike(column: SourceColumn): boolean {
  const { order } = column;
  return isNumber(column) ? order === 'number' : order === 'bytes' || order === 'uuid';
}

function isNumber({ type }: SourceColumn): boolean {
  return typeof type !== 'string' && comparedAs(type) === 'number';
}

/** Its order is that of its text; bounds are written in another form. */
function isDate({ type }: SourceColumn): boolean {
  return typeof type !== 'string' && type.kind === 'date';
}

export interface Claiming {
  readonly session: SourceSession;
  readonly config: Pick<SqlSourceOwnConfig, 'place' | 'server'>;
  /** The key's, in its order. */
  readonly columns: readonly SourceColumn[];
  readonly rows: RowColumns;
  readonly range: KeyRange;
  /** SQL of the condition that a row was sent by this run or by one before; null: all were. */
  readonly sent: string | null;
  readonly out: RowOutput;
}

export async function claimKeys(claiming: Claiming): Promise<void> {
  const { session, config, columns, rows, range, sent, out } = claiming;
  const { words } = session;
  const fields = columns.map(({ name }): WrittenField => {
    const field = rows.fields.find((each) => each.field.name === name);
    if (field === undefined) throw new TypeError('a key without a field');
    return field;
  });
  const claims = new Claims(claiming);
  const written = [...fields, sentField];
  const writer = new RowWriter({
    fields: written,
    key: fields.map((_, part) => part),
    zeroDates: config.server.zeroDates,
  });
  const names = columns.map((column) => words.quote(column.name));
  const list = columns.map((column, at) => column.read(names[at] ?? ''));
  const ordered = columns.map((column, at) =>
    isNumber(column) || isDate(column) || isOrderedAlike(column) ? names[at] : words.binary(list[at] ?? ''),
  );
  const where = whereSql(rangeConditions(words, rows.bounds, range));
  const sql = `SELECT ${[...list, sent === null ? '1' : `CASE WHEN ${sent} THEN 1 END`].join(', ')} FROM ${words.from(config.place)}${where} ORDER BY ${ordered.join(', ')}`;
  writer.begin(claims);
  await session.stream(sql, { writer, forms: written.map(({ form }) => form), drained: () => out.drained() });
  claims.end();
}

/** As readClaim wants it: NULL where nobody knows. */
const sentField: WrittenField = {
  field: { name: 'sent', type: { kind: 'int16' }, optional: true },
  form: 'plain',
};

class Claims implements RowOutput {
  readonly #out: RowOutput;
  readonly #until: readonly Buffer[] | null;
  readonly #keys = new ByteWriter(bytesPerClaim);
  #from: readonly Buffer[] | null;
  #rows = 0;

  constructor({ out, range, columns }: Claiming) {
    this.#out = out;
    this.#from = boundValues(range.from, columns);
    this.#until = boundValues(range.until, columns);
  }

  row(bytes: Uint8Array, keyEnd: number, end: number): void {
    const keys = this.#keys;
    if (this.#rows >= keysPerClaim || keys.length >= bytesPerClaim)
      this.#give(readRow(bytes, keyEnd, end).map((value) => value ?? Buffer.alloc(0)));
    keys.ensure(end - keyEnd + 3);
    keys.bytes.set(bytes.subarray(keyEnd, end), keys.length);
    keys.length += end - keyEnd;
    keys.bytes[keys.length] = LF;
    keys.length += 1;
    this.#rows += 1;
  }

  end(): void {
    this.#give(this.#until);
  }

  #give(until: readonly Buffer[] | null): void {
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

function boundValues(bound: Bound, columns: readonly SourceColumn[]): readonly Buffer[] | null {
  if (bound === null) return null;
  return columns.map(({ order }, at) => Buffer.from(bound[at] ?? '', order === 'bytes' ? 'hex' : 'utf8'));
}
