// Writes rows by statements of many rows, and halves a statement that the target refuses until the refused rows stand alone.
import { isUtf8 } from 'node:buffer';
import type { RefusedRow, RowBatch } from '../../../../src/core/connector/sink-store.ts';
import type { SqlDialect } from '../dialect.ts';
import type { WritePlan } from '../table-shape.ts';
import { findMisfits, type Misfit } from '../value-checks.ts';
import type { SqlValue } from '../session.ts';
import { bindKey } from './delete-rows.ts';
import { RowIndex } from '../../../../src/core/record/row-index.ts';
import { insertSql, largestStatement, readValues, updateSql, type RowValue } from './statements.ts';

/** What is said of one row that is refused. `field`: its name, where it is known before any server sees the row. */
interface Said {
  readonly index: number;
  readonly bytes: Buffer;
  readonly field?: string;
}

/** A target's way to run such statements. `Complaint`: what it says against rows, itself or by an error. */
export interface StatementWay<Complaint> {
  readonly dialect: SqlDialect;
  readonly plan: WritePlan;
  /** Behind the values of an INSERT; '' where a row whose key is there is refused. */
  readonly behindInsert: string;
  /** A statement is cut there; larger ones gain nothing and cost memory on both sides. */
  readonly maxStatementBytes: number;
  /** A longer row is refused, and why; absent: none is. */
  readonly longest?: { readonly bytes: number; readonly say: (bytes: number) => Complaint };
  /** A statement may hold rows with the same key, of which the last stays. */
  readonly takesKeysTwice: boolean;
  /** Runs it; what speaks against its rows, with all of it undone, or null: they are written. Other failures are thrown. */
  attempt(sql: string, values: SqlValue[], rows: number): Promise<Complaint | null>;
  /** Of a row before any server sees it. */
  complain(reason: string): Complaint;
  refuse(complaint: Complaint, row: Said): RefusedRow;
}

/** Around each value of a statement: its type, its length, its bit among the NULLs. */
const valueMarginBytes = 12;

/** The rows that are not among the refused are written. `misfits`: where somebody looked for them already. */
export async function writeStatements<Complaint>(
  way: StatementWay<Complaint>,
  batch: RowBatch,
  misfits: ReadonlyMap<number, Misfit> = findMisfits(way.plan.checks, batch),
): Promise<readonly RefusedRow[]> {
  const writer = new StatementWriter(way, batch);
  await writer.writeAll(misfits);
  return writer.refused;
}

class StatementWriter<Complaint> {
  readonly refused: RefusedRow[] = [];
  readonly #way: StatementWay<Complaint>;
  readonly #batch: RowBatch;
  readonly #index: RowIndex;
  /** Rows that wait to be written, their values one row behind the other, and their keys. */
  #rows: number[] = [];
  #values: RowValue[] = [];
  readonly #keys = new Set<string>();

  constructor(way: StatementWay<Complaint>, batch: RowBatch) {
    this.#way = way;
    this.#batch = batch;
    this.#index = new RowIndex(batch);
  }

  async writeAll(misfits: ReadonlyMap<number, Misfit>): Promise<void> {
    const { plan, dialect, maxStatementBytes, longest } = this.#way;
    const largest = plan.insertMode === 'update' ? 1 : largestStatement(plan.columns.length, dialect);
    const textIsValid = isUtf8(this.#batch.bytes);
    const most = Math.min(maxStatementBytes, longest?.bytes ?? maxStatementBytes);
    const marginBytes = plan.columns.length * valueMarginBytes;
    let bytes = 0;
    for (let row = 0; row < this.#index.count; row += 1) {
      const size = this.#index.size(row) + marginBytes;
      const misfit = misfits.get(row);
      if (misfit !== undefined) {
        this.#refuse(row, this.#way.complain(misfit.reason), plan.fields[misfit.field]?.name);
        continue;
      }
      const values = this.#read(row, textIsValid);
      if (values === null) continue;
      if (bytes + size > most || this.#rows.length === largest || this.#isTwice(values)) {
        await this.#flush();
        bytes = 0;
      }
      this.#take(row, values);
      bytes += size;
    }
    await this.#flush();
    this.refused.sort((a, b) => a.index - b.index);
  }

  /** null: the row was refused before any server saw it. */
  #read(row: number, textIsValid: boolean): readonly RowValue[] | null {
    const bytes = this.#index.at(row);
    const { plan, longest } = this.#way;
    if (longest !== undefined && bytes.length > longest.bytes) {
      this.#refuse(row, longest.say(bytes.length));
      return null;
    }
    const read = readValues(plan.fields, bytes, textIsValid);
    if ('values' in read) return read.values;
    this.#refuse(row, this.#way.complain(read.reason), read.field);
    return null;
  }

  #isTwice(values: readonly RowValue[]): boolean {
    return !this.#way.takesKeysTwice && this.#keys.has(this.#keyOf(values));
  }

  #keyOf(values: readonly RowValue[]): string {
    const parts = this.#way.plan.key.map((index) => values[index] ?? null);
    return JSON.stringify(parts.map((part) => (Buffer.isBuffer(part) ? part.toString('latin1') : part)));
  }

  #take(row: number, values: readonly RowValue[]): void {
    this.#rows.push(row);
    for (const value of values) this.#values.push(value);
    if (!this.#way.takesKeysTwice && this.#way.plan.key.length > 0) this.#keys.add(this.#keyOf(values));
  }

  /** Any number of rows as statements of powers of two, so that few different ones are prepared. */
  async #flush(): Promise<void> {
    for (let at = 0; at < this.#rows.length;) {
      const size = 2 ** Math.floor(Math.log2(this.#rows.length - at));
      await this.#write(at, at + size);
      at += size;
    }
    this.#rows = [];
    this.#values = [];
    this.#keys.clear();
  }

  async #write(from: number, to: number): Promise<void> {
    const columns = this.#way.plan.columns.length;
    const whole = from === 0 && to === this.#rows.length;
    const values = whole ? this.#values : this.#values.slice(from * columns, to * columns);
    const complaint = await this.#attempt(to - from, values);
    if (complaint === null) return;
    if (to - from === 1) {
      this.#refuse(this.#rows[from] ?? 0, complaint);
      return;
    }
    const middle = (from + to) / 2;
    await this.#write(from, middle);
    await this.#write(middle, to);
  }

  #attempt(rows: number, values: RowValue[]): Promise<Complaint | null> {
    const { plan, dialect, behindInsert } = this.#way;
    if (plan.insertMode !== 'update')
      return this.#way.attempt(insertSql(plan, rows, { dialect, behind: behindInsert }), values, rows);
    const { sql, changed } = updateSql(plan, dialect);
    const key = plan.key.map((index, at) => {
      const [value, column] = [values[index] ?? null, plan.keyColumns[at]];
      return value === null || column === undefined ? value : bindKey(column, value);
    });
    return this.#way.attempt(sql, [...changed.map((index) => values[index] ?? null), ...key], rows);
  }

  #refuse(row: number, complaint: Complaint, field?: string): void {
    const said: Said = { index: row, bytes: this.#index.at(row) };
    this.refused.push(this.#way.refuse(complaint, field === undefined ? said : { ...said, field }));
  }
}
