// One writer connection to an SQL target.
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { RowBatch, SinkStore } from '../../../src/core/connector/sink-store.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { RunKey } from '../../../src/core/ledger/ledger.ts';
import { lockJob, putTrust, readTrust } from '../../../src/core/ledger/sql-rows.ts';
import { createSinkTransaction } from '../../../src/core/ledger/sql-transaction.ts';
import { keyRows } from '../../../src/core/record/row-key.ts';
import { withAnotherTry } from './again.ts';
import { asideConfig, prepareAside, type AsidePlace } from './aside/prepare-aside.ts';
import { readMark } from './aside/finish-swap.ts';
import { finishSwapOf, loadingAside, requireRun } from './aside/store-aside.ts';
import { countRows, digestRows, unclaimedKeys } from './find-rows.ts';
import { ledgerSession } from './ledger-session.ts';
import { requireMayDelete } from './write/may-delete.ts';
import { prepareTable, type PreparedTable } from './prepare-table.ts';
import type { SqlSession } from './session.ts';
import type { SqlSinkConfig, SqlTarget, TableWriter } from './sql-target.ts';
import type { Column, TableShape, WritePlan } from './table-shape.ts';
import { requireExactKeys } from './unclaimed-keys.ts';

/** The first may make the table. */
const maxLooks = 5;

export function openSqlStore<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  target: SqlTarget<C, S, T>,
  config: C,
  signal: AbortSignal,
): SinkStore {
  const { dialect } = target;
  const sessions = target.connect(config, signal);
  let ready: Ready<C, S> | null = null;
  const require = (): Ready<C, S> => {
    if (ready === null) throw new SyncError('INTERNAL', { message: 'writing rows before prepareTable' });
    signal.throwIfAborted();
    return ready;
  };
  const writer = (): TableWriter<S> => require().writer;
  const look = (session: S) => ({ session, dialect, plan: writer().plan });
  return {
    prepareTable: async (schema, of) => {
      const run = config.loadsAside ? requireRun(of) : null;
      const { prepared, mark, ...found } = await withAnotherTry(() =>
        sessions.transaction((session) =>
          settle({ target, config, session }, schema, { run, of: of ?? null }),
        ),
      );
      ready = found;
      const notes = [...found.writer.notes, ...prepared.ready.notes];
      return { ...prepared.ready, notes, ...(mark !== null && { mark }) };
    },
    transaction: (work) =>
      sessions.transaction((session) =>
        work(
          createSinkTransaction(ledgerSession(session, dialect, config.schema), {
            writeRows: async (batch) => writer().writeRows(session, batch),
            deleteRows: async (batch) => {
              requireMayDelete(config);
              await writer().deleteRows(session, batch);
            },
            unclaimedKeys: (claim) => {
              requireMayDelete(config);
              requireExactKeys(require().mergesKeys);
              return unclaimedKeys(look(session), claim);
            },
            deleteKeys: async (keys) => writer().deleteRows(session, rowsOfKeys(writer().plan, keys)),
            ...(target.markTable && { markTable: () => readMark(target, session, require().table) }),
            digestRows: async (batch, columns) =>
              digestRows(look(session), batch, columns && require().known(columns)),
            countRows: async (atMost) => countRows(look(session), atMost),
            ...(config.loadsAside
              ? { aside: loadingAside({ target, config, session }, ready?.run ?? null) }
              : {}),
          }),
        ),
      ),
    ...(config.loadsAside ? { finishSwap: (run) => finishSwapOf({ target, config, sessions }, run) } : {}),
    close: () => {
      sessions.close();
      return Promise.resolve();
    },
  };
}

function rowsOfKeys({ key, fields }: WritePlan, keys: readonly string[]): RowBatch {
  return keyRows(keys, { key, fields: fields.length });
}

/** Looks until the table is the same before the look as behind it: what is in doubt of it belongs to its mark then. */
async function settle<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  place: AsidePlace<C, S, T>,
  schema: RowSchema,
  { run, of }: { readonly run: RunKey | null; readonly of: RunKey | null },
): Promise<Awaited<ReturnType<typeof makeReady<C, S, T>>> & { readonly mark: string | null }> {
  const { target, config, session } = place;
  const table = run === null ? config : asideConfig(config, run);
  const markNow = async (): Promise<string | null> => (await target.markTable?.(session, table)) ?? null;
  let before = await markNow();
  for (let look = 1; look <= maxLooks; look += 1) {
    const ready = await makeReady(place, schema, run);
    const mark = await markNow();
    if (mark === before) return { ...ready, mark };
    if (ready.evolved && of !== null && run === null) await adoptMark(place, of, { before, mark });
    before = mark;
  }
  throw new SyncError('TARGET_FAILED', {
    message: `preparing ${config.table}: it was altered during each of ${maxLooks} looks at it`,
    retriable: true,
  });
}

/** Columns that were added here, in this transaction where the server has DDL in one, are not somebody else's doing. */
async function adoptMark<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  { target, config, session }: AsidePlace<C, S, T>,
  { job, epoch }: RunKey,
  { before, mark }: { readonly before: string | null; readonly mark: string | null },
): Promise<void> {
  const ledger = ledgerSession(session, target.dialect, config.schema);
  if ((await lockJob(ledger, job, 'exclusive'))?.epoch !== epoch) return;
  const trust = await readTrust(ledger, job);
  if (trust !== null && before !== null && trust.tableMark === before)
    await putTrust(ledger, job, { ...trust, tableMark: mark });
}

/** The target, or the table beside it that `run` loads, and how rows go into it. */
async function makeReady<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  place: AsidePlace<C, S, T>,
  schema: RowSchema,
  run: RunKey | null,
): Promise<Ready<C, S> & { readonly prepared: PreparedTable<T>; readonly evolved: boolean }> {
  const { target, config, session } = place;
  const access = { ...target.dialect, ...target.tableAccess(session, config) };
  const straight = await prepareTable(access, config, schema);
  const prepared = run === null ? straight : await prepareAside(place, run, schema);
  const table = run === null ? config : asideConfig(config, run);
  const writer = await target.chooseWriter(session, table, prepared);
  const names = prepared.shape.columns.map(({ name }) => name);
  const known = (columns: readonly string[]) =>
    columns.every((each) => names.includes(each)) ? columns : null;
  const { evolved } = straight;
  return { prepared, writer, mergesKeys: prepared.mergesKeys, known, evolved, table, run };
}

interface Ready<C extends SqlSinkConfig, S extends SqlSession> {
  readonly writer: TableWriter<S>;
  readonly mergesKeys: boolean;
  /** Those columns, if the table has all of them. */
  readonly known: (columns: readonly string[]) => readonly string[] | null;
  /** Of the table that rows go to. */
  readonly table: C;
  /** null: they go straight into the target. */
  readonly run: RunKey | null;
}
