// The swap of a run whose rows are all in the table beside, on a server whose DDL commits. Each step shows in what tables there are and what
// the ledger says, so whoever comes next goes on from there: the task itself, the executor that aborts the run, the next run.
//
//   ledger says due ─► loaded, no former ─RENAME, both at one instant─► former ─COMMIT: job's trust and watermark, run complete─► complete
//        │                    │ abort: nothing was swapped                  │ abort, begin: goes on          former dropped ◄──┘
//        └ any other epoch holds the job ─► FENCED
import { SyncError } from '../../../../src/core/errors.ts';
import type { RunKey } from '../../../../src/core/ledger/ledger.ts';
import { completeAside, isSwapDue } from '../../../../src/core/ledger/sql-aside.ts';
import { lockJob, readRun } from '../../../../src/core/ledger/sql-rows.ts';
import { ledgerSession } from '../ledger-session.ts';
import type { SqlSession } from '../session.ts';
import type { SqlSinkConfig, SqlTarget } from '../sql-target.ts';
import type { Column, TableShape } from '../table-shape.ts';
import { requireAlike, swappedTables, type AsidePlace } from './prepare-aside.ts';

/** In a transaction of the session, which it commits, while it is alone with the job. Throws FENCED, TARGET_CHANGED. */
export async function finishSwap<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  place: AsidePlace<C, S, T>,
  run: RunKey,
): Promise<void> {
  const { target, config, session } = place;
  const ledger = ledgerSession(session, target.dialect, config.schema);
  const fenced = new SyncError('FENCED', {
    message: `putting a table in the place of ${config.table}: a newer run holds ${run.job}`,
  });
  if ((await readRun(ledger, run))?.state === 'complete') return;
  if ((await lockJob(ledger, run.job, 'none'))?.epoch !== run.epoch || !(await isSwapDue(ledger, run)))
    throw fenced;
  if (!(await isSwapped(place, run))) {
    await requireAlike(place, run);
    await target.aside.swap(session, swappedTables(config, run));
  }
  const mark = await readMark(target, session, config);
  await session.begin();
  const job = await lockJob(ledger, run.job, 'exclusive');
  if (job?.epoch !== run.epoch || !(await completeAside(ledger, run, () => Promise.resolve(mark))))
    throw fenced;
  await session.commit();
}

/** As SinkTransaction has it; '' where it can't be told. */
export async function readMark<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  target: SqlTarget<C, S, T>,
  session: S,
  config: C,
): Promise<string> {
  return (await target.markTable?.(session, config)) ?? '';
}

/** The tables of a run that is due were swapped, and nobody said so in the ledger yet. */
export async function isSwapped<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  { target, config, session }: AsidePlace<C, S, T>,
  run: RunKey,
): Promise<boolean> {
  const { former } = swappedTables(config, run);
  return (await target.ledgerTables.present(session, config)).includes(former);
}
