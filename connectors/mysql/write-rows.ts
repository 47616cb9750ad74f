// Writes a batch of rows by the fastest safe path, and finds the rows that the target refuses.
//
//   LOAD DATA of all ──no complaint──► done
//        └─ an error or warning of a row ─► undone ─► prepared statements of 512 rows
//                                                        └─ an error or warning ─► undone, halved ─► … ─► the single row
import { SyncError } from '../../src/core/errors.ts';
import type { RejectedRow, RowBatch } from '../../src/core/sink-store.ts';
import { loadDataSql, loadRows } from './load-data.ts';
import type { WritePlan } from './prepare-table.ts';
import { insertSql, largestStatement, readValues, updateSql } from './prepared-rows.ts';
import { isRowError, isRowWarning, rejectRow } from './row-errors.ts';
import type { MysqlSession, Value, WriteResult } from './session.ts';

const LF = 0x0a;
/** A statement is cut there too; larger ones gain nothing and cost memory on both sides. */
const maxStatementBytes = 4_000_000;
/** Names, lengths and types around the values of a statement. */
const packetMarginBytes = 4096;

/** Rows written, the target's refusals left out; run in an open transaction. Other failures are thrown. */
export async function writeRows(
  session: MysqlSession,
  plan: WritePlan,
  batch: RowBatch,
): Promise<readonly RejectedRow[]> {
  if (batch.rows === 0) return [];
  const rows = new Rows(batch);
  const small = rows.largest() <= session.server.maxPacketBytes - packetMarginBytes;
  if (plan.loadCharset !== null && small && (await tryLoad(session, plan, batch))) return [];
  const writer = new PreparedWriter(session, plan, rows);
  await writer.writeAll();
  return writer.rejected;
}

async function tryLoad(session: MysqlSession, plan: WritePlan, batch: RowBatch): Promise<boolean> {
  return (await attempt(session, () => loadRows(session, loadDataSql(plan), batch.bytes))) === null;
}

/** Runs one writing statement; what speaks against its rows, with the statement undone, or null: all is written. */
async function attempt(
  session: MysqlSession,
  act: () => Promise<WriteResult>,
  judge: (result: WriteResult) => string | null = () => null,
): Promise<string | null> {
  await session.command('SAVEPOINT syncline_rows');
  const complaint = await complaintOf(session, act, judge);
  if (complaint !== null) await session.command('ROLLBACK TO SAVEPOINT syncline_rows');
  return complaint;
}

async function complaintOf(
  session: MysqlSession,
  act: () => Promise<WriteResult>,
  judge: (result: WriteResult) => string | null,
): Promise<string | null> {
  try {
    const result = await act();
    return judge(result) ?? (result.warnings === 0 ? null : await readWarning(session));
  } catch (error) {
    if (!isRowError(error)) throw error;
    const cause: unknown = error instanceof SyncError ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
}

async function readWarning(session: MysqlSession): Promise<string | null> {
  const warnings = await session.readText('SHOW WARNINGS');
  const found = warnings.find((row) => isRowWarning(Number(row['Code'])));
  return found === undefined ? null : String(found['Message']);
}

/** Where each row of a batch begins. */
class Rows {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #starts: Uint32Array;

  constructor({ bytes, rows }: RowBatch) {
    this.count = rows;
    this.#bytes = bytes;
    this.#starts = new Uint32Array(rows + 1);
    for (let row = 0, at = 0; row < rows; row += 1) {
      const end = bytes.indexOf(LF, at);
      if (end < 0)
        throw new SyncError('INTERNAL', { message: `the batch has ${row} rows, ${rows} were announced` });
      at = end + 1;
      this.#starts[row + 1] = at;
    }
  }

  at(row: number): Buffer {
    return this.#bytes.subarray(this.#starts[row] ?? 0, (this.#starts[row + 1] ?? 0) - 1);
  }

  size(row: number): number {
    return (this.#starts[row + 1] ?? 0) - (this.#starts[row] ?? 0);
  }

  largest(): number {
    let largest = 0;
    for (let row = 0; row < this.count; row += 1) largest = Math.max(largest, this.size(row));
    return largest;
  }
}

class PreparedWriter {
  readonly rejected: RejectedRow[] = [];
  readonly #session: MysqlSession;
  readonly #plan: WritePlan;
  readonly #rows: Rows;
  readonly #update: { sql: string; order: readonly number[] };

  constructor(session: MysqlSession, plan: WritePlan, rows: Rows) {
    this.#session = session;
    this.#plan = plan;
    this.#rows = rows;
    this.#update = updateSql(plan);
  }

  async writeAll(): Promise<void> {
    const largest = this.#plan.insertMode === 'update' ? 1 : largestStatement(this.#plan.columns.length);
    let good: number[] = [];
    let values: Value[][] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      await this.#writePowers(good, values);
      good = [];
      values = [];
      bytes = 0;
    };
    for (let row = 0; row < this.#rows.count; row += 1) {
      const read = this.#read(row);
      if (read === null) continue;
      if (bytes + this.#rows.size(row) > maxStatementBytes) await flush();
      good.push(row);
      values.push(read);
      bytes += this.#rows.size(row);
      if (good.length === largest) await flush();
    }
    await flush();
    this.rejected.sort((a, b) => a.index - b.index);
  }

  #read(row: number): Value[] | null {
    const limit = this.#session.server.maxPacketBytes - packetMarginBytes;
    const bytes = this.#rows.at(row);
    if (bytes.length > limit) {
      this.#reject(row, `the row has ${bytes.length} bytes, more than the server's max_allowed_packet`);
      return null;
    }
    const read = readValues(this.#plan.fields, bytes);
    if ('values' in read) return read.values;
    this.#reject(row, read.reason, read.field);
    return null;
  }

  /** Any number of rows as statements of powers of two, so that few different ones are prepared. */
  async #writePowers(rows: readonly number[], values: readonly Value[][]): Promise<void> {
    for (let at = 0; at < rows.length;) {
      const size = 2 ** Math.floor(Math.log2(rows.length - at));
      await this.#write(rows.slice(at, at + size), values.slice(at, at + size));
      at += size;
    }
  }

  async #write(rows: readonly number[], values: readonly Value[][]): Promise<void> {
    const complaint = await this.#attempt(values);
    if (complaint === null) return;
    const [first] = rows;
    if (rows.length === 1 && first !== undefined) {
      this.#reject(first, complaint);
      return;
    }
    const half = rows.length / 2;
    await this.#write(rows.slice(0, half), values.slice(0, half));
    await this.#write(rows.slice(half), values.slice(half));
  }

  #attempt(values: readonly Value[][]): Promise<string | null> {
    const session = this.#session;
    if (this.#plan.insertMode !== 'update')
      return attempt(session, () => session.write(insertSql(this.#plan, values.length), values.flat()));
    const { sql, order } = this.#update;
    return attempt(
      session,
      () =>
        session.write(
          sql,
          order.map((index) => values[0]?.[index] ?? null),
        ),
      ({ affected }) => (affected === 0 ? 'no row of the target has this key' : null),
    );
  }

  #reject(row: number, said: string, field?: string): void {
    const described = { plan: this.#plan, index: row, bytes: this.#rows.at(row), said };
    this.rejected.push(rejectRow(field === undefined ? described : { ...described, field }));
  }
}
