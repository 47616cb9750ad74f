// Runs one writing statement and finds out whether the target took all of its rows as they are.
import { counted } from '../../../src/core/text.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { isRowError, isRowWarning } from './row-errors.ts';
import type { MysqlSession, WriteResult } from '../session/session.ts';

/**
 * What speaks against its rows, with the statement undone, or null: all is written. `judge` may find fault with what the server
 * was content with. Other failures are thrown; the transaction is then lost.
 */
export async function attemptWrite(
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
    return judge(result) ?? (result.warnings === 0 ? null : await readWarning(session, result.warnings));
  } catch (error) {
    if (!isRowError(error)) throw error;
    const cause: unknown = error instanceof SyncError ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
}

async function readWarning(session: MysqlSession, said: number): Promise<string | null> {
  const warnings = await session.readText('SHOW WARNINGS');
  const found = warnings.find((row) => isRowWarning(Number(row['Code'])));
  if (found !== undefined) return String(found['Message']);
  // A server keeps only so many of them (max_error_count): one of the others may speak of a row.
  return warnings.length < said
    ? `the server warned ${counted(said, 'time')} and kept ${warnings.length}`
    : null;
}
