// Runs the statements that write some rows and finds out whether the target took all of them as they are.
import { isRowError, serverErrorOf } from '../session/server-errors.ts';
import type { PostgresPlan } from './plan.ts';
import type { PostgresSession } from '../session/session.ts';

/** What speaks against the rows. */
export interface Complaint {
  readonly reason: string;
  /** The server's SQLSTATE; '' for what it was content with. */
  readonly state: string;
  /** Of those that were sent, from 1; null: the server did not say which. */
  readonly line: number | null;
  /** Index of the field; -1: none was named. */
  readonly field: number;
  /** Another row of the target stands against it. */
  readonly conflict: boolean;
}

/**
 * A complaint, with what was done undone, or null: all is written. `act` gives null too, or what it finds wrong itself. Other failures
 * are thrown; the transaction is then lost.
 */
export async function attemptWrite(
  session: PostgresSession,
  plan: PostgresPlan,
  act: () => Promise<string | null>,
): Promise<Complaint | null> {
  await session.command('SAVEPOINT syncline_rows');
  const complaint = await complaintOf(plan, act);
  await session.command(
    complaint === null ? 'RELEASE SAVEPOINT syncline_rows' : 'ROLLBACK TO SAVEPOINT syncline_rows',
  );
  return complaint;
}

async function complaintOf(plan: PostgresPlan, act: () => Promise<string | null>): Promise<Complaint | null> {
  try {
    const reason = await act();
    return reason === null ? null : { reason, state: '', line: null, field: -1, conflict: false };
  } catch (error) {
    const said = serverErrorOf(error);
    if (said === null || !isRowError(error)) throw error;
    const [, line, column] = /^COPY .+?, line (\d+)(?:, column (.+?))?(?::|$)/s.exec(said.where ?? '') ?? [];
    return {
      reason: reasonOf(said.message, said.detail),
      state: said.code ?? '',
      line: line === undefined ? null : Number(line),
      field: fieldOf(plan, said.column ?? column, said.constraint),
      conflict: said.code === '23505' || said.code === '23503',
    };
  }
}

/** The detail of a constraint names the values; it is a line of its own. */
function reasonOf(message: string, detail: string | undefined): string {
  const first = detail?.split('\n')[0] ?? '';
  return first === '' || first.length > 200 || first.startsWith('Failing row')
    ? message
    : `${message}: ${first}`;
}

/** By the column that was named, or the one column of the unique key. */
function fieldOf(plan: PostgresPlan, column: string | undefined, constraint: string | undefined): number {
  const key = plan.uniqueKeys.find(({ name }) => name === constraint)?.columns ?? [];
  const name = column ?? (key.length === 1 ? key[0] : undefined);
  return name === undefined ? -1 : plan.columns.indexOf(name);
}
