// An SQL target from what its author wrote: what is left out is as most have it.
import type { EverySink } from '../../../src/core/connector/every-sink.ts';
import { describeRow } from '../../../src/core/record/refused-row.ts';
import { ledgerTables } from '../../../src/core/ledger/sql-session.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { noAside } from './aside/aside-ways.ts';
import { createTableSql } from './create-table.ts';
import { asItStands, qualified, type Refusal, type SqlDialect } from './dialect.ts';
import type { PreparedTable } from './prepare-table.ts';
import { SessionHolder, type Keeping } from './session-holder.ts';
import type { SqlSession } from './session.ts';
import type { OwnSqlConfig, SqlTarget, SqlTargetDefinition, TableWriter } from './sql-target.ts';
import type { TableAccess } from './table-access.ts';
import type { Column, KeyColumn, TableShape, WritePlan } from './table-shape.ts';
import { deleteRows } from './write/delete-rows.ts';
import { writeStatements, type StatementWay } from './write/statement-writer.ts';

/** Throws TypeError for a definition that says of no way to write rows. */
export function completeTarget<O extends OwnSqlConfig, S extends SqlSession, T extends TableShape<Column>>(
  said: SqlTargetDefinition<O, S, T>,
): SqlTarget<O & EverySink, S, T> {
  const { dialect, className } = said;
  if (said.chooseWriter === undefined && (dialect.upsert === undefined || dialect.refusal === undefined))
    throw new TypeError(`${className}: its dialect has no upsert and refusal, and it has no chooseWriter`);
  return {
    dialect,
    ledgerTables: {
      present: async (session, config) => {
        const found: string[] = [];
        for (const table of ledgerTables)
          if ((await said.describeTable(session, { ...config, table })) !== null) found.push(table);
        return found;
      },
      ...said.ledgerTables,
    },
    connect: (config, signal) =>
      new SessionHolder(() => said.connect(config, signal), keepingOf(said, config, signal)),
    ...(said.openToLook && { openToLook: said.openToLook.bind(said) }),
    nameInLedger: (session, config) => said.nameInLedger?.(session, config) ?? nameOf(config),
    tableAccess: (session, config) => accessOf(said, session, config),
    chooseWriter: async (session, config, prepared) => ({
      ...usualWriter(dialect, prepared),
      ...(await said.chooseWriter?.(session, config, prepared)),
    }),
    aside: said.aside ?? noAside,
    ...(said.markTable && { markTable: said.markTable.bind(said) }),
  };
}

function keepingOf<O extends OwnSqlConfig, S extends SqlSession, T extends TableShape<Column>>(
  { kept }: SqlTargetDefinition<O, S, T>,
  config: O & EverySink,
  signal: AbortSignal | undefined,
): Keeping<S> | null {
  const key = kept?.keyOf(config, signal) ?? null;
  if (kept === undefined || key === null) return null;
  const { keeper } = kept;
  return { take: () => keeper.take(key, signal), keep: (session) => keeper.keep(key, session) };
}

function nameOf({ schema, table }: OwnSqlConfig): string {
  return schema === null ? table : `${schema}.${table}`;
}

function accessOf<O extends OwnSqlConfig, S extends SqlSession, T extends TableShape<Column>>(
  said: SqlTargetDefinition<O, S, T>,
  session: S,
  config: O & EverySink,
): TableAccess<T> {
  const { dialect, tableAttributes = '', maxNameBytes = Number.POSITIVE_INFINITY } = said;
  const table = qualified(dialect, config.schema, config.table);
  const quote = (columns: readonly string[]): string => columns.map((name) => dialect.quote(name)).join(', ');
  return {
    name: nameOf(config),
    table,
    maxNameBytes,
    describe: () => said.describeTable(session, config),
    createSql: async (rows) => {
      const made = { ...rows, table };
      if (said.createTable !== undefined) return said.createTable(session, config, made);
      const typeOf = said.typeOf.bind(said);
      return `${createTableSql(made, dialect, typeOf)} ${tableAttributes}`.trimEnd();
    },
    run: (sql) => session.command(sql),
    fits: said.fits,
    typeOf: (field) => said.typeOf(field, false),
    addUnique: (columns) => `ALTER TABLE ${table} ADD UNIQUE (${quote(columns)})`,
    comparesMade: (field) => said.comparesMade?.(field) ?? true,
    refusesNullKeys: said.refusesNullKeys ?? false,
    keyColumn: (...key) => said.keyColumn?.(config, ...key) ?? usualKeyColumn(key[1], dialect),
  };
}

/** Deny by default: of a column that says nothing, nobody knows whether its values stay apart. */
function usualKeyColumn({ name, compares, declared }: Column, dialect: SqlDialect): KeyColumn {
  const { quote, readBytes = asItStands } = dialect;
  const bytes = { term: quote(name), read: readBytes(quote(name)), bound: (parameter: string) => parameter };
  return {
    term: quote(name),
    value: (parameter) => parameter,
    mayHold: () => true,
    compared: compares === 'bytes' ? bytes : null,
    merging:
      compares === undefined
        ? {
            en: `key column ${name} (${declared}) may take different keys for one; declare it so that it compares bytes`,
            zh: `主键列 ${name}（${declared}）可能把不同的键当作同一个；请声明为按字节比较`,
          }
        : null,
  };
}

function usualWriter<S extends SqlSession>(
  dialect: SqlDialect,
  { plan }: PreparedTable<TableShape<Column>>,
): TableWriter<S> {
  return {
    plan,
    notes: [],
    writeRows: (session, batch) => writeStatements(usualWay(session, dialect, plan), batch),
    deleteRows: (session, batch) => deleteRows({ session, dialect, plan }, batch),
  };
}

const maxStatementBytes = 1_000_000;

function usualWay(session: SqlSession, dialect: SqlDialect, plan: WritePlan): StatementWay<Refusal> {
  const { quote, upsert } = dialect;
  const isKey = (index: number): boolean => plan.key.includes(index);
  const columns = plan.columns.map((column) => quote(column));
  const key = plan.key.map((index) => columns[index] ?? '');
  const rest = columns.filter((_, index) => !isKey(index));
  return {
    dialect,
    plan,
    behindInsert: plan.insertMode === 'upsert' ? ` ${upsert?.({ key, rest }) ?? ''}` : '',
    maxStatementBytes,
    takesKeysTwice: false,
    attempt: (sql, values, rows) => attempt(session, dialect, { sql, values, rows, plan }),
    complain: (reason) => ({ reason }),
    refuse: ({ reason, column, conflict = false }, { index, bytes, field }) => {
      const named = plan.columns.findIndex((each) => each.toLowerCase() === column?.toLowerCase());
      const { fields } = plan;
      const where = field ?? fields[named]?.name ?? '';
      return describeRow({ index, bytes, fields, key: plan.key, field: where, reason, conflict });
    },
  };
}

/** Undone where the target refuses it, or says that it took less than it was given. */
async function attempt(
  session: SqlSession,
  { refusal }: SqlDialect,
  work: {
    readonly sql: string;
    readonly values: Parameters<StatementWay<Refusal>['attempt']>[1];
    readonly rows: number;
    readonly plan: WritePlan;
  },
): Promise<Refusal | null> {
  const { sql, values, rows, plan } = work;
  await session.command('SAVEPOINT syncline_rows');
  const complaint = await complaintOf();
  if (complaint !== null) await session.command('ROLLBACK TO SAVEPOINT syncline_rows');
  await session.command('RELEASE SAVEPOINT syncline_rows');
  return complaint;

  async function complaintOf(): Promise<Refusal | null> {
    try {
      const taken = await session.change(sql, values);
      if (!Number.isSafeInteger(taken) || taken < 0)
        throw new SyncError('TARGET_FAILED', {
          message: `${plan.name}: the target says that it changed ${String(taken)} rows, which is no count`,
        });
      if (taken >= rows) return null;
      return plan.insertMode === 'update'
        ? { reason: 'no row of the target has this key' }
        : { reason: `the target took ${taken} of ${rows} rows and said nothing` };
    } catch (error) {
      const said = refusal?.(error) ?? null;
      if (said === null) throw error;
      return said;
    }
  }
}
