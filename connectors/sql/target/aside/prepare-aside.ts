// The table beside the target, made for a run: refused where the target can't be swapped, made once per run, judged like any target.
import { isDeepStrictEqual } from 'node:util';
import type { RowSchema } from '../../../../src/core/connector/field-type.ts';
import { SyncError } from '../../../../src/core/errors.ts';
import type { RunKey } from '../../../../src/core/ledger/ledger.ts';
import { readAsideTrust } from '../../../../src/core/ledger/sql-aside.ts';
import { lockJob, readRun } from '../../../../src/core/ledger/sql-rows.ts';
import { ledgerSession } from '../ledger-session.ts';
import { prepareTable, type PreparedTable } from '../prepare-table.ts';
import type { SqlSession } from '../session.ts';
import type { SqlSinkConfig, SqlTarget } from '../sql-target.ts';
import type { Column, TableShape } from '../table-shape.ts';
import { asideNames } from './aside-names.ts';
import type { SwappedTables } from './aside-ways.ts';

export interface AsidePlace<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>> {
  readonly target: SqlTarget<C, S, T>;
  readonly config: C;
  readonly session: S;
}

export function swappedTables({ schema, table }: SqlSinkConfig, run: RunKey): SwappedTables {
  return { schema, table, ...asideNames(run) };
}

/** The configuration of the table beside: it is there, or is not to be written to. */
export function asideConfig<C extends SqlSinkConfig>(config: C, run: RunKey): C {
  return { ...config, table: asideNames(run).loaded, autoCreate: false, autoEvolve: false };
}

/** Behind the look at the target. Throws TARGET_SCHEMA, TARGET_DENIED, TARGET_CHANGED, FENCED. */
export async function prepareAside<
  C extends SqlSinkConfig,
  S extends SqlSession,
  T extends TableShape<Column>,
>(place: AsidePlace<C, S, T>, run: RunKey, schema: RowSchema): Promise<PreparedTable<T>> {
  const { target, config, session } = place;
  await requireSwappable(place);
  const make = (): Promise<void> => makeOnce(place, run);
  await (target.aside.transactional ? make() : target.aside.alone(session, run.job, make));
  // Its own name tells users nothing.
  const { name } = target.tableAccess(session, config);
  const beside = asideConfig(config, run);
  return prepareTable({ ...target.dialect, ...target.tableAccess(session, beside), name }, beside, schema);
}

/** Throws TARGET_SCHEMA, TARGET_DENIED. */
export async function requireSwappable<
  C extends SqlSinkConfig,
  S extends SqlSession,
  T extends TableShape<Column>,
>({ target, config, session }: AsidePlace<C, S, T>): Promise<void> {
  await target.aside.requireRights(session, config);
  const obstacles = await target.aside.obstacles(session, config);
  if (obstacles.length === 0) return;
  const { name } = target.tableAccess(session, config);
  throw new SyncError('TARGET_SCHEMA', {
    message: `${name}: write.mode=0 can't put another table in its place: ${obstacles.join('; ')}. Drop what hangs on it, or use write.mode=1`,
    field: 'write.mode',
  });
}

/** Another writer of the run, or an earlier start of its task, may have made it. */
async function makeOnce<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  { target, config, session }: AsidePlace<C, S, T>,
  run: RunKey,
): Promise<void> {
  const ledger = ledgerSession(session, target.dialect, config.schema);
  const job = await lockJob(ledger, run.job, 'exclusive');
  if (job?.epoch !== run.epoch || (await readRun(ledger, run))?.state !== 'running')
    throw new SyncError('FENCED', {
      message: `making a table beside ${config.table}: a newer run holds ${run.job}`,
    });
  const tables = swappedTables(config, run);
  if ((await target.ledgerTables.present(session, config)).includes(tables.loaded)) return;
  if ((await readAsideTrust(ledger, run)) !== null)
    throw new SyncError('TARGET_CHANGED', {
      message: `loading a table beside ${config.table}: ${tables.loaded}, with the rows that were in it, is gone; ${config.table} is as it was`,
    });
  await target.aside.make(session, tables);
}

/** Just before the swap: what was made like the target still is. Throws TARGET_CHANGED, TARGET_SCHEMA. */
export async function requireAlike<
  C extends SqlSinkConfig,
  S extends SqlSession,
  T extends TableShape<Column>,
>(place: AsidePlace<C, S, T>, run: RunKey): Promise<void> {
  const { target, config, session } = place;
  const declared = async (of: C): Promise<unknown> => {
    const shape = await target.tableAccess(session, of).describe();
    return shape === null
      ? null
      : [shape.columns, shape.uniqueKeys.map(({ columns }) => columns.join()).sort()];
  };
  if (!isDeepStrictEqual(await declared(config), await declared(asideConfig(config, run))))
    throw new SyncError('TARGET_CHANGED', {
      message: `putting a table in the place of ${config.table}: it was altered or dropped during the run; it is left as it is`,
    });
  await requireSwappable(place);
}
