// The MySQL and MariaDB sink: a session, a dialect, and ways to write of its own.
import type { ValueOf } from '../../src/core/connector/config.ts';
import type { Text } from '../../src/core/text.ts';
import type { NewTable } from '../sql/target/create-table.ts';
import { qualified } from '../sql/target/dialect.ts';
import { defineSqlTarget } from '../sql/target/define-sql-target.ts';
import type { PreparedTable } from '../sql/target/prepare-table.ts';
import { createSessionKeeper } from '../sql/connection/session-keeper.ts';
import type { SqlTargetDefinition, TableWriter } from '../sql/target/sql-target.ts';
import { deleteRows } from '../sql/target/write/delete-rows.ts';
import { checks } from './check-connection.ts';
import { mysqlSinkConfig, type MysqlSinkConfig } from './config.ts';
import { dialect, exactCollation, ledgerTables } from './dialect.ts';
import { readJdbcUrl } from './session/jdbc-url.ts';
import { openSession, type MysqlSession } from './session/session.ts';
import { fitOf, typeOf } from './table/column-fit.ts';
import { createTableSql } from './table/create-table.ts';
import { mysqlAside } from './table/table-aside.ts';
import { keyColumnOf } from './table/key-columns.ts';
import { readTableMark } from './table/table-mark.ts';
import { describeTable, type MysqlShape } from './table/table-schema.ts';
import { choosePath } from './write/choose-path.ts';
import type { MysqlPlan } from './write/plan.ts';
import { isForeignText } from './write/row-errors.ts';
import { writeRows } from './write/write-rows.ts';

export const mysqlTarget: SqlTargetDefinition<ValueOf<typeof mysqlSinkConfig>, MysqlSession, MysqlShape> = {
  className: 'io.syncline.mysql.MySqlSinkConnector',
  aliases: ['MySqlSinkConnector', 'MySqlSink'],
  version: '0.1.0',
  config: mysqlSinkConfig,
  hosts: (flat) => [readJdbcUrl(flat['connection.url'] ?? '').host],
  place: ({ target, schema, table }) => [target.host, target.port, schema, table],
  dialect,
  ledgerTables,
  // Without a task nothing is loaded.
  connect: (config, signal) =>
    openSession(config, signal === undefined ? { localFiles: false } : { localFiles: true, signal }),
  kept: { keeper: createSessionKeeper(), keyOf },
  describeTable,
  typeOf,
  fits: fitOf,
  chooseWriter,
  keyColumn: ({ schema, table, insertMode }, field, column, { shape }) =>
    keyColumnOf(field, column, {
      name: `${schema}.${table}`,
      table: qualified(dialect, schema, table),
      guarded: insertMode === 'upsert' && shape.uniqueKeys.length > 1,
    }),
  createTable,
  nameInLedger,
  aside: mysqlAside,
  markTable: readTableMark,
  checks,
};

export const mysqlSink = defineSqlTarget(mysqlTarget);

/** For statements of a user's own: Syncline's name their tables in full, and the session goes nowhere. null: the URL names none. */
export function useDatabase({ target }: Pick<MysqlSinkConfig, 'target'>): string | null {
  return target.database === null ? null : `USE ${dialect.quote(target.database)}`;
}

/** By what a log-in is told. A table that is loaded aside has its turn by a lock of the session. */
function keyOf(
  { target, schema, loadsAside }: MysqlSinkConfig,
  signal: AbortSignal | undefined,
): string | null {
  return loadsAside ? null : JSON.stringify([target, schema, signal !== undefined]);
}

/** One table has one name in the ledger, also where the server does not tell upper from lower case. */
function nameInLedger(session: MysqlSession, { schema, table }: MysqlSinkConfig): string {
  const name = `${schema}.${table}`;
  return session.server.lowerCaseTableNames === 0 ? name : name.toLowerCase();
}

async function createTable(
  session: MysqlSession,
  { schema, table }: MysqlSinkConfig,
  made: NewTable,
): Promise<string> {
  const keyCollation = await exactCollation(session);
  const [found] = await session.read('SELECT @@innodb_page_size AS bytes');
  const name = `${schema}.${table}`;
  return createTableSql({ ...made, name, keyCollation, pageBytes: Number(found?.['bytes']) });
}

function chooseWriter(
  session: MysqlSession,
  { target, insertMode }: MysqlSinkConfig,
  { plan: planned, shape, columns }: PreparedTable<MysqlShape>,
): TableWriter<MysqlSession> {
  const { fields, name } = planned;
  const { charset, reasons } = choosePath(session.server, { shape, fields, columns, insertMode });
  const plan: MysqlPlan = { ...planned, loadCharset: charset, guardKey: shape.uniqueKeys.length > 1 };
  const removing = (on: MysqlSession) => ({ session: on, dialect, plan, cantCompare: isForeignText });
  return {
    plan,
    notes: [...target.notes, ...(reasons.length > 0 ? [noteNoLoad(name, reasons)] : [])],
    writeRows: (on, batch) => writeRows(on, plan, batch),
    deleteRows: (on, batch) => deleteRows(removing(on), batch),
  };
}

function noteNoLoad(name: string, reasons: readonly Text[]): Text {
  return {
    en: `${name}: LOAD DATA is not used: ${reasons.map(({ en }) => en).join('; ')}`,
    zh: `${name}：未使用 LOAD DATA：${reasons.map(({ zh }) => zh).join('；')}`,
  };
}
