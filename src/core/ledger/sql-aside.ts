// A run whose rows go into a table beside the target (write.mode=0): what its job may believe of that table is kept with the run, and
// becomes the job's when the table takes the target's place. A run that fails leaves the job, and its target, as they were.
//
//   DDL in transactions:  loading ─last END─► tables swapped, trust and watermark the job's, run complete: one COMMIT
//   DDL commits:          loading ─last END─► due: one COMMIT ─► tables swapped ─► trust and watermark the job's, run complete: one COMMIT
import { SyncError } from '../errors.ts';
import type { Window } from '../window.ts';
import type { RunKey } from './ledger.ts';
import { mayComplete } from './rules.ts';
import { completeRun, lockJob, putTrust, readRun } from './sql-rows.ts';
import type { LedgerSession } from './sql-session.ts';
import { textOrNull } from './sql-values.ts';
import type { TargetTrust } from './target-trust.ts';

/** As it stands in the run's row, in JSON. */
interface Aside {
  readonly trust: TargetTrust;
  /** All rows are in the table beside, and counted: nothing but the swap is missing. */
  readonly due: boolean;
}

/** null: the run has no plan yet, or loads no table beside. */
export async function readAsideTrust(session: LedgerSession, key: RunKey): Promise<TargetTrust | null> {
  return (await readAside(session, key))?.trust ?? null;
}

export async function putAsideTrust(session: LedgerSession, key: RunKey, trust: TargetTrust): Promise<void> {
  await putAside(session, key, { trust, due: (await readAside(session, key))?.due ?? false });
}

export async function isSwapDue(session: LedgerSession, key: RunKey): Promise<boolean> {
  const aside = await readAside(session, key);
  return aside?.due === true && (await readRun(session, key))?.state === 'running';
}

/** Under the exclusive lock; false: the watermark is not where the run began. Throws TARGET_CHANGED. */
export async function noteSwap(session: LedgerSession, key: RunKey): Promise<boolean> {
  const trust = await wholeTrust(session, key);
  if (!mayComplete(await lockJob(session, key.job, 'none'), await readRun(session, key))) return false;
  await putAside(session, key, { trust, due: true });
  return true;
}

/** Likewise. `swap` puts the table beside in the target's place where that is still to be done, and gives the target's mark from then on. */
export async function completeAside(
  session: LedgerSession,
  key: RunKey,
  swap: () => Promise<string>,
): Promise<boolean> {
  const trust = await wholeTrust(session, key);
  const run = await readRun(session, key);
  if (run?.plan == null || !mayComplete(await lockJob(session, key.job, 'none'), run)) return false;
  await putTrust(session, key.job, { ...trust, tableMark: await swap() });
  return completeRun(session, key, run.plan.window.to);
}

/** What the window leaves out would be missing in the table that takes the target's place. Throws BAD_INPUT. */
export function refuseIncrement({ from }: Window): void {
  if (from === null) return;
  throw new SyncError('BAD_INPUT', {
    message: `write.mode=0 puts a new table in the target's place, and this run reads only what changed since ${from}: run in full, or set write.mode=1`,
    field: 'write.mode',
  });
}

/** Of a table that is as its run left it: half of it never takes the target's place. Throws TARGET_CHANGED. */
async function wholeTrust(session: LedgerSession, key: RunKey): Promise<TargetTrust> {
  const trust = await readAsideTrust(session, key);
  if (trust === null)
    throw new SyncError('INTERNAL', { message: 'completing a table beside that no plan was set for' });
  if (trust.altered || trust.lost.rows > 0)
    throw new SyncError('TARGET_CHANGED', {
      message:
        'swapping the tables: somebody altered the table beside the target, or removed rows from it, during the run; the target is as it was',
    });
  return trust;
}

async function readAside(session: LedgerSession, { job, epoch }: RunKey): Promise<Aside | null> {
  const [row] = await session.read(
    `SELECT aside FROM ${session.table('syncline_run')} WHERE job = ? AND epoch = ?`,
    [job, epoch],
  );
  const kept = row === undefined ? null : textOrNull(row, 'aside');
  return kept === null ? null : (JSON.parse(kept) as Aside);
}

async function putAside(session: LedgerSession, { job, epoch }: RunKey, aside: Aside): Promise<void> {
  await session.write(`UPDATE ${session.table('syncline_run')} SET aside = ? WHERE job = ? AND epoch = ?`, [
    JSON.stringify(aside),
    job,
    epoch,
  ]);
}
