// Finding the target's keys that a source's claim does not name. The claim is bounded; the target's keys within its range are
// looked through in pages, so that memory does not grow with what is to go.
//   A key is given back only if it lies within the claim's range and is not claimed: then the source does not have it, in whatever order
//   the target keeps its keys.
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import type { KeyClaim } from '../../../src/core/connector/sink-store.ts';
import { sayWay } from '../../../src/core/deletes.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { printKey, readClaim } from '../../../src/core/record/key-claim.ts';
import { comparableKinds, keyOrderOf, liesWithin } from '../../../src/core/record/key-order.ts';
import type { ComparedKey, ComparedRange, KeyOrder } from '../../../src/core/record/key-order.ts';
import { writeKey } from '../../../src/core/record/row-key.ts';
import { before, behind } from '../key-bounds.ts';
import type { BoundPart } from '../key-bounds.ts';
import type { SqlDialect } from './dialect.ts';

const pageSize = 1_000;

/** A column of a key in whose index the field's values stand in the order of key-order.ts. */
export interface ComparedColumn {
  /** What it is ordered by, in SQL. */
  readonly term: string;
  /** Its value as text, or as bytes, in SQL. */
  readonly read: string;
  /** SQL of a value that it is compared with: `parameter` stands for the value, bound as text, or as bytes of a field of bytes. */
  readonly bound: (parameter: string) => string;
  /** May a value be compared with it at all? Absent: each may. */
  readonly takes?: (value: string) => boolean;
}

/** How a table's keys are found, as a sink plans it. */
export interface KeyPlan {
  /** For messages. */
  readonly name: string;
  /** Quoted and qualified. */
  readonly table: string;
  readonly fields: readonly Field[];
  readonly columns: readonly string[];
  /** Indexes among the fields. */
  readonly key: readonly number[];
  /** Of the rows' key; null: it can't be compared. */
  readonly keyOrder: KeyOrder | null;
  /** The key's columns, in the order of `key`; null: it keeps its values in another order. */
  readonly compared: readonly (ComparedColumn | null)[];
}

export interface KeyLook {
  readonly plan: KeyPlan;
  readonly parameter: SqlDialect['parameter'];
  readonly read: (
    sql: string,
    values: readonly (string | Buffer)[],
  ) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

interface ComparedPart {
  readonly column: ComparedColumn;
  readonly name: string;
  readonly isBytes: boolean;
}

/** Pages of keys that may be removed. Throws TARGET_SCHEMA when the target's keys are not kept in the order of key-order.ts. */
export async function* findUnclaimed(look: KeyLook, claim: KeyClaim): AsyncGenerator<readonly string[]> {
  const { plan } = look;
  const order = plan.keyOrder;
  if (order === null)
    throw new SyncError('TARGET_SCHEMA', {
      message: `${plan.name}: keys are compared only where they are ${comparableKinds}; let the source ignore deletes`,
    });
  const parts = comparedParts(plan, order);
  const claimed = readClaim(order, claim);
  const lacking = new Set(claimed.written);
  let last: ComparedKey | null = null;
  for (;;) {
    const { sql, values } = pageSql(look, parts, { ...claimed, last });
    const page = (await look.read(sql, values)).map((row) => parts.map((_, at) => toBytes(row[`key_${at}`])));
    const unclaimed: string[] = [];
    for (const found of page) {
      const key = order.read(found);
      if (
        key === null ||
        !liesWithin(order, claimed, key) ||
        (last !== null && order.compare(last, key) >= 0)
      )
        throw otherOrder(plan, found);
      last = key;
      lacking.delete(key.id);
      if (claimed.there.has(key.id)) continue;
      const written = writeKey(plan.key.map((field) => found[order.fields.indexOf(field)]));
      if (written !== null) unclaimed.push(written);
    }
    if (unclaimed.length > 0) yield unclaimed;
    if (page.length < pageSize) break;
  }
  if (lacking.size > 0) claim.onLacking?.();
}

/** In the order of the rows' key. */
function comparedParts(plan: KeyPlan, order: KeyOrder): readonly ComparedPart[] {
  return order.fields.map((index) => {
    const field = plan.fields[index];
    const column = plan.compared[plan.key.indexOf(index)];
    const name = plan.columns[index] ?? '';
    if (column == null || field === undefined)
      throw new SyncError('TARGET_SCHEMA', {
        message: `${plan.name}: column ${name} does not keep keys of type ${field?.type.kind ?? ''} in the order in which they are compared with the source's: numbers need a column of numbers, text one with a binary collation, bytes one of bytes; change it, or let the source ignore deletes`,
        field: name,
      });
    return { column, name, isBytes: field.type.kind === 'bytes' };
  });
}

/** Keys of one page, ascending: within the claim's range, behind the last one that was seen. */
function pageSql(
  { plan, parameter }: KeyLook,
  parts: readonly ComparedPart[],
  { from, until, last }: ComparedRange & { readonly last: ComparedKey | null },
): { readonly sql: string; readonly values: readonly (string | Buffer)[] } {
  const values: (string | Buffer)[] = [];
  const boundBy = (key: ComparedKey): readonly BoundPart[] =>
    parts.map(({ column, name, isBytes }, at) => {
      const bytes = key.values[at] ?? Buffer.alloc(0);
      const value = isBytes ? bytes : bytes.toString('utf8');
      if (typeof value === 'string' && column.takes?.(value) === false)
        throw new SyncError('TARGET_SCHEMA', {
          message: `${plan.name}: comparing keys: column ${name} can't be compared with ${printKey(key.values)}; let the source ignore deletes`,
          field: name,
        });
      return {
        term: column.term,
        value: () => {
          values.push(value);
          return column.bound(parameter(values.length));
        },
      };
    });
  const low = last ?? from;
  const where = [
    ...(low === null ? [] : [behind(boundBy(low), last === null ? '>=' : '>')]),
    ...(until === null ? [] : [before(boundBy(until))]),
  ];
  const list = parts.map(({ column }, at) => `${column.read} AS key_${at}`).join(', ');
  const terms = parts.map(({ column }) => column.term).join(', ');
  const condition = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`;
  const sql = `SELECT ${list} FROM ${plan.table}${condition} ORDER BY ${terms} LIMIT ${pageSize}`;
  return { sql, values };
}

/** Drivers give text, a Buffer or an ArrayBuffer. */
function toBytes(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value as ArrayBuffer);
}

function otherOrder({ name }: KeyPlan, key: readonly Buffer[]): SyncError {
  return new SyncError('TARGET_SCHEMA', {
    message: `${name}: comparing keys: the target does not keep them in the order in which they are compared (seen at ${printKey(key)}): numbers by size, all else by its bytes; give its key columns such an order, or let the source ignore deletes`,
  });
}

/** Asked before the first row, and before a table is made. `keeps`: does the key's column keep its field in order? Throws TARGET_SCHEMA. */
export function requireComparable(
  table: string,
  schema: RowSchema,
  of: { readonly mergesKeys: boolean; readonly keeps: (field: string) => boolean },
): void {
  const { deletes: way } = schema;
  if (way?.by !== 'keys') return;
  const refuse = (problem: string, field: string): SyncError =>
    new SyncError('TARGET_SCHEMA', {
      message: `${table}: ${sayWay(way)}: ${problem}, or write ${way.setting}=ignore`,
      field,
    });
  if (of.mergesKeys)
    throw refuse(
      'keys may merge in the target, so that one which is gone may stand for one which is not: choose a key that tells rows apart',
      way.setting,
    );
  if (keyOrderOf(schema) === null)
    throw refuse(`keys are compared only where they are ${comparableKinds}: choose such a key`, way.setting);
  const unfit = schema.key.find((field) => !of.keeps(field));
  if (unfit !== undefined)
    throw refuse(
      `the column of ${unfit} is no part of the key, or does not keep its values in the order in which they are compared with the source's: numbers need a column of numbers, text one with a binary collation, bytes one of bytes. Change it`,
      unfit,
    );
}

/** Keys that merge can't be compared: the row of one stands for the other. Throws TARGET_SCHEMA. */
export function requireExactKeys(mergesKeys: boolean): void {
  if (!mergesKeys) return;
  throw new SyncError('TARGET_SCHEMA', {
    message:
      'comparing keys: keys may merge in the target, so a key that is missing in the source may stand for one that is not; let the source not compare keys',
  });
}
