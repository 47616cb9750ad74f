// Writes a batch of rows by the fastest safe path, and finds the rows that the target refuses.
//
//   values checked ──none that its column would change──► LOAD DATA of all ──no complaint──► done
//        └─ some          └─ an error or warning of a row ─► undone
//           └───────────────────────────────┴─► prepared statements of 512 rows
//                                                        └─ an error or warning ─► undone, halved ─► … ─► the single row
import type { RefusedRow, RowBatch } from '../../../src/core/connector/sink-store.ts';
import { findMisfits } from '../../sql/target/value-checks.ts';
import { RowIndex } from '../../../src/core/record/row-index.ts';
import { writeStatements, type StatementWay } from '../../sql/target/write/statement-writer.ts';
import { dialect } from '../dialect.ts';
import type { MysqlSession } from '../session/session.ts';
import { attemptWrite } from './attempt-write.ts';
import { behindInsert } from './insert-words.ts';
import { loadDataSql, loadRows } from './load-data.ts';
import type { MysqlPlan } from './plan.ts';
import { refuseRow } from './row-errors.ts';

/** The statement itself, and a key once more, around the values of a row. */
const packetMarginBytes = 16_384;
const maxStatementBytes = 4_000_000;

/** Run in an open transaction. The rows that are not among the refused are written; other failures are thrown. */
export async function writeRows(
  session: MysqlSession,
  plan: MysqlPlan,
  batch: RowBatch,
): Promise<readonly RefusedRow[]> {
  if (batch.rows === 0) return [];
  const rowLimitBytes = session.server.maxPacketBytes - packetMarginBytes;
  const misfits = findMisfits(plan.checks, batch);
  const loadable = plan.loadCharset !== null && misfits.size === 0 && fits(batch, rowLimitBytes);
  if (loadable && (await tryLoad(session, plan, batch))) return [];
  return writeStatements(preparedWay(session, plan, rowLimitBytes), batch, misfits);
}

/** A row that no packet holds could be loaded, but never be read again. */
function fits(batch: RowBatch, rowLimitBytes: number): boolean {
  return batch.bytes.length <= rowLimitBytes || new RowIndex(batch).largest() <= rowLimitBytes;
}

async function tryLoad(session: MysqlSession, plan: MysqlPlan, batch: RowBatch): Promise<boolean> {
  return (await attemptWrite(session, () => loadRows(session, loadDataSql(plan), batch.bytes))) === null;
}

function preparedWay(session: MysqlSession, plan: MysqlPlan, rowLimitBytes: number): StatementWay<string> {
  const isUpdate = plan.insertMode === 'update';
  return {
    dialect,
    plan,
    behindInsert: behindInsert(plan, dialect),
    maxStatementBytes,
    longest: {
      bytes: rowLimitBytes,
      say: (bytes) => `the row has ${bytes} bytes, more than the server's max_allowed_packet`,
    },
    takesKeysTwice: true,
    attempt: (sql, values) =>
      attemptWrite(
        session,
        () => session.write(sql, values),
        ({ affected }) => (isUpdate && affected === 0 ? 'no row of the target has this key' : null),
      ),
    complain: (reason) => reason,
    refuse: (said, row) => refuseRow({ plan, said, ...row }),
  };
}
