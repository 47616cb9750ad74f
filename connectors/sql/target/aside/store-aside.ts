// A store's part in a load aside: which of the two ways its target swaps in, and when.
import { SyncError } from '../../../../src/core/errors.ts';
import type { RunKey } from '../../../../src/core/ledger/ledger.ts';
import type { LoadingAside } from '../../../../src/core/ledger/sql-transaction.ts';
import { qualified } from '../dialect.ts';
import type { SqlSession } from '../session.ts';
import type { SessionHolder } from '../session-holder.ts';
import type { SqlSinkConfig } from '../sql-target.ts';
import type { Column, TableShape } from '../table-shape.ts';
import { finishSwap, readMark } from './finish-swap.ts';
import { requireAlike, swappedTables, type AsidePlace } from './prepare-aside.ts';

/** As a transaction on the session does it; `run`: null before the table beside was made. */
export function loadingAside<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  place: AsidePlace<C, S, T>,
  run: RunKey | null,
): LoadingAside {
  const { target, config, session } = place;
  const { aside } = target;
  if (!aside.transactional) return { run, swap: null };
  const swap = async (of: RunKey): Promise<string> => {
    await aside.hold(session, config);
    await requireAlike(place, of);
    await aside.swap(session, swappedTables(config, of));
    return readMark(target, session, config);
  };
  return { run, swap };
}

/** As SinkStore has it. */
export async function finishSwapOf<
  C extends SqlSinkConfig,
  S extends SqlSession,
  T extends TableShape<Column>,
>(
  {
    target,
    config,
    sessions,
  }: Pick<AsidePlace<C, S, T>, 'target' | 'config'> & {
    readonly sessions: SessionHolder<S>;
  },
  run: RunKey,
): Promise<void> {
  const { aside } = target;
  if (aside.transactional) return;
  await sessions.transaction((session) =>
    aside.alone(session, run.job, () => finishSwap({ target, config, session }, run)),
  );
  const { schema, former } = swappedTables(config, run);
  // The run is complete; what can't be dropped now, the next one drops.
  await sessions
    .transaction((session) =>
      session.command(`DROP TABLE IF EXISTS ${qualified(target.dialect, schema, former)}`),
    )
    .catch(() => undefined);
}

export function requireRun(run: RunKey | undefined): RunKey {
  if (run === undefined)
    throw new SyncError('INTERNAL', { message: 'preparing a table beside the target without its run' });
  return run;
}
