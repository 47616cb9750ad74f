// Writes rows by prepared statements, and halves a statement that the target refuses until the refused rows stand alone.
import { isUtf8 } from 'node:buffer';
import type { RejectedRow, RowBatch } from '../../../src/core/connector/sink-store.ts';
import { attemptWrite } from './attempt-write.ts';
import type { MysqlPlan } from './plan.ts';
import { insertSql, largestStatement, readValues, updateSql } from './prepared-rows.ts';
import { rejectRow } from './row-errors.ts';
import { RowIndex } from '../../sql/target/row-index.ts';
import type { MysqlSession, Value } from '../session/session.ts';
import type { Misfit } from '../../sql/target/value-checks.ts';

/** A statement is cut there too; larger ones gain nothing and cost memory on both sides. */
const maxStatementBytes = 4_000_000;
/** Around each value of a statement: its type, its length, its bit among the NULLs. */
const valueMarginBytes = 12;

export class PreparedWriter {
  readonly rejected: RejectedRow[] = [];
  readonly #session: MysqlSession;
  readonly #plan: MysqlPlan;
  readonly #batch: RowBatch;
  readonly #index: RowIndex;
  readonly #misfits: ReadonlyMap<number, Misfit>;
  readonly #rowLimitBytes: number;
  /** Rows that wait to be written, and their values, one row behind the other. */
  #rows: number[] = [];
  #values: Value[] = [];

  /** `misfits`: rows that are refused before any server sees them. */
  constructor(
    session: MysqlSession,
    plan: MysqlPlan,
    work: { batch: RowBatch; misfits: ReadonlyMap<number, Misfit>; rowLimitBytes: number },
  ) {
    this.#session = session;
    this.#plan = plan;
    this.#batch = work.batch;
    this.#index = new RowIndex(work.batch);
    this.#misfits = work.misfits;
    this.#rowLimitBytes = work.rowLimitBytes;
  }

  async writeAll(): Promise<void> {
    const largest = this.#plan.insertMode === 'update' ? 1 : largestStatement(this.#plan.columns.length);
    const textIsValid = isUtf8(this.#batch.bytes);
    const most = Math.min(maxStatementBytes, this.#rowLimitBytes);
    const marginBytes = this.#plan.columns.length * valueMarginBytes;
    let bytes = 0;
    for (let row = 0; row < this.#index.count; row += 1) {
      const size = this.#index.size(row) + marginBytes;
      if (bytes + size > most || this.#rows.length === largest) {
        await this.#flush();
        bytes = 0;
      }
      if (this.#take(row, textIsValid)) bytes += size;
    }
    await this.#flush();
    this.rejected.sort((a, b) => a.index - b.index);
  }

  /** false: the row was refused before any server saw it. */
  #take(row: number, textIsValid: boolean): boolean {
    const bytes = this.#index.at(row);
    const misfit = this.#misfits.get(row);
    if (misfit !== undefined) {
      this.#reject(row, misfit.reason, this.#plan.fields[misfit.field]?.name);
      return false;
    }
    if (bytes.length > this.#rowLimitBytes) {
      this.#reject(row, `the row has ${bytes.length} bytes, more than the server's max_allowed_packet`);
      return false;
    }
    const read = readValues(this.#plan.fields, bytes, textIsValid);
    if ('reason' in read) {
      this.#reject(row, read.reason, read.field);
      return false;
    }
    this.#rows.push(row);
    for (const value of read.values) this.#values.push(value);
    return true;
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
  }

  async #write(from: number, to: number): Promise<void> {
    const columns = this.#plan.columns.length;
    const whole = from === 0 && to === this.#rows.length;
    const values = whole ? this.#values : this.#values.slice(from * columns, to * columns);
    const complaint = await this.#attempt(to - from, values);
    if (complaint === null) return;
    if (to - from === 1) {
      this.#reject(this.#rows[from] ?? 0, complaint);
      return;
    }
    const middle = (from + to) / 2;
    await this.#write(from, middle);
    await this.#write(middle, to);
  }

  #attempt(rows: number, values: Value[]): Promise<string | null> {
    const session = this.#session;
    if (this.#plan.insertMode !== 'update')
      return attemptWrite(session, () => session.write(insertSql(this.#plan, rows), values));
    const { sql, order } = updateSql(this.#plan);
    return attemptWrite(
      session,
      () =>
        session.write(
          sql,
          order.map((index) => values[index] ?? null),
        ),
      ({ affected }) => (affected === 0 ? 'no row of the target has this key' : null),
    );
  }

  #reject(row: number, said: string, field?: string): void {
    const described = { plan: this.#plan, index: row, bytes: this.#index.at(row), said };
    this.rejected.push(rejectRow(field === undefined ? described : { ...described, field }));
  }
}
