// The executor's ledger of a job whose tables may stand beside the target: a swap that was broken off behind its RENAME is brought to its end
// before begin or abort decides, and tables that no run needs any more are dropped behind it.
import type { TargetLedger } from '../../../../src/core/ledger/ledger.ts';
import { isSwapDue } from '../../../../src/core/ledger/sql-aside.ts';
import { lockJob, readRun } from '../../../../src/core/ledger/sql-rows.ts';
import { qualified } from '../dialect.ts';
import { ledgerSession } from '../ledger-session.ts';
import { lookOnly, type SqlSession } from '../session.ts';
import type { SessionHolder } from '../session-holder.ts';
import type { SqlSinkConfig, SqlTarget } from '../sql-target.ts';
import type { Column, TableShape } from '../table-shape.ts';
import { leftoversOf, type Leftover } from './aside-names.ts';
import { noAside } from './aside-ways.ts';
import { finishSwap, isSwapped } from './finish-swap.ts';

interface Guarded<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>> {
  readonly target: SqlTarget<C, S, T>;
  readonly config: C;
  readonly sessions: SessionHolder<S>;
}

export function guardLedger<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  ledger: TargetLedger,
  of: Guarded<C, S, T>,
): TargetLedger {
  // Nothing ever stands beside the table of a target that can't swap.
  if (of.target.aside === noAside) return ledger;
  const guarded = async <R>(job: string, act: () => Promise<R>): Promise<R> => {
    const result = await inTurn(of, job, act);
    // What is held by a late task now, the next run drops.
    await dropLeftovers(of, job).catch(() => undefined);
    return result;
  };
  return {
    ...ledger,
    begin: (request) => guarded(request.job, () => ledger.begin(request)),
    abort: (request) => guarded(request.job, () => ledger.abort(request)),
    remove: (job) => guarded(job, () => ledger.remove(job)),
  };
}

/** Where DDL commits, nobody swaps meanwhile. */
async function inTurn<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>, R>(
  of: Guarded<C, S, T>,
  job: string,
  act: () => Promise<R>,
): Promise<R> {
  const { target, config, sessions } = of;
  const { aside } = target;
  if (aside.transactional) return act();
  if (!config.loadsAside && (await leftovers(of, job)).length === 0) return act();
  return sessions.transaction((session) =>
    aside.alone(session, job, async () => {
      await endSwap({ target, config, session }, job);
      // Neither a lock nor an old view of the ledger stays while others work on it.
      await session.commit();
      return act();
    }),
  );
}

async function endSwap<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  place: { readonly target: SqlTarget<C, S, T>; readonly config: C; readonly session: S },
  job: string,
): Promise<void> {
  const { target, config, session } = place;
  const present = await target.ledgerTables.present(session, config);
  if (!present.includes('syncline_run')) return;
  const ledger = ledgerSession(session, target.dialect, config.schema);
  const held = await lockJob(ledger, job, 'none');
  if (held === null) return;
  const run = { job, epoch: held.epoch };
  if ((await isSwapDue(ledger, run)) && (await isSwapped(place, run))) await finishSwap(place, run);
}

async function leftovers<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  { target, config, sessions }: Guarded<C, S, T>,
  job: string,
): Promise<readonly Leftover[]> {
  const look = async (session: S): Promise<readonly Leftover[]> =>
    leftoversOf(job, await target.ledgerTables.present(session, config));
  return target.openToLook === undefined
    ? sessions.transaction(look)
    : lookOnly(await target.openToLook(config), look);
}

/** All but those of the run that is going on. */
async function dropLeftovers<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  of: Guarded<C, S, T>,
  job: string,
): Promise<void> {
  const { target, config, sessions } = of;
  const found = await leftovers(of, job);
  if (found.length === 0) return;
  await sessions.transaction(async (session) => {
    const ledger = ledgerSession(session, target.dialect, config.schema);
    const epoch = (await lockJob(ledger, job, 'none'))?.epoch ?? null;
    const goesOn = epoch !== null && (await readRun(ledger, { job, epoch }))?.state === 'running';
    for (const { name, epoch: its } of found)
      if (epoch === null || its < epoch || (its === epoch && !goesOn))
        await session.command(`DROP TABLE IF EXISTS ${qualified(target.dialect, config.schema, name)}`);
  });
}
