// The rows of the target table in key order, a page at a time by key, whatever SQL database it is in.
import type { OrderRow } from './compare-orders.ts';
import type { OrderColumn, TargetValue } from './order-columns.ts';
import { orderColumns, textOfTarget } from './order-columns.ts';

export type TargetPage = readonly Readonly<Record<string, TargetValue>>[];

/** Runs one SELECT; `after` is the value of its only placeholder, when there is one. */
export type PageReader = (sql: string, after: readonly string[]) => Promise<TargetPage>;

export interface TargetTable {
  /** Quoted as the database wants it. */
  readonly name: string;
  /** What values are cast to, so that no driver makes a double of a long, or a Date of a date. */
  readonly textType: 'CHAR' | 'TEXT';
  readonly read: PageReader;
}

const rowsPerPage = 5_000;

export async function* readTargetRows({ name, textType, read }: TargetTable): AsyncGenerator<OrderRow> {
  const [key] = orderColumns;
  if (key === undefined) return;
  const select = `SELECT ${orderColumns.map((column) => expressionOf(column, textType)).join(', ')} FROM ${name}`;
  const order = `ORDER BY ${key.name} LIMIT ${rowsPerPage}`;
  let page = await read(`${select} ${order}`, []);
  while (page.length > 0) {
    let last = '';
    for (const found of page) {
      const row = orderColumns.map((column) => textOfTarget(column.kind, found[column.name]));
      last = row[0] ?? '';
      yield row;
    }
    page = await read(`${select} WHERE ${key.name} > ? ${order}`, [last]);
  }
}

/** A double is taken as the number it is: as text, databases shorten it. */
function expressionOf({ name, kind }: OrderColumn, textType: string): string {
  return kind === 'double' ? name : `CAST(${name} AS ${textType}) AS ${name}`;
}
