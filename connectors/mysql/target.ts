// MySQL and MariaDB as an SQL target.
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import type { Text } from '../../src/core/text.ts';
import { qualified } from '../sql/target/dialect.ts';
import type { PreparedTable } from '../sql/target/prepare-table.ts';
import { SessionHolder } from '../sql/target/session-holder.ts';
import type { SqlTarget, TableWriter } from '../sql/target/sql-target.ts';
import type { TableAccess } from '../sql/target/table-access.ts';
import type { MysqlSinkConfig } from './config.ts';
import { dialect, exactCollation, ledgerTables } from './dialect.ts';
import { openSession, type MysqlSession } from './session/session.ts';
import { fitOf, typeOf } from './table/column-fit.ts';
import { createTableSql } from './table/create-table.ts';
import { mysqlAside } from './table/table-aside.ts';
import { keyColumnOf } from './table/key-columns.ts';
import { readTableMark } from './table/table-mark.ts';
import { describeTable, type MysqlShape } from './table/table-schema.ts';
import { deleteRows } from '../sql/target/write/delete-rows.ts';
import { choosePath } from './write/choose-path.ts';
import type { MysqlPlan } from './write/plan.ts';
import { isForeignText } from './write/row-errors.ts';
import { writeRows } from './write/write-rows.ts';

export const mysqlTarget: SqlTarget<MysqlSinkConfig, MysqlSession, MysqlShape> = {
  dialect,
  ledgerTables,
  // Without a task nothing is loaded.
  connect: (config, signal) =>
    new SessionHolder(() =>
      openSession(config, signal === undefined ? { localFiles: false } : { localFiles: true, signal }),
    ),
  nameInLedger,
  tableAccess,
  chooseWriter,
  aside: mysqlAside,
  markTable: readTableMark,
};

/** One table has one name in the ledger, also where the server does not tell upper from lower case. */
function nameInLedger(session: MysqlSession, { schema, table }: MysqlSinkConfig): string {
  const name = `${schema}.${table}`;
  return session.server.lowerCaseTableNames === 0 ? name : name.toLowerCase();
}

function tableAccess(session: MysqlSession, config: MysqlSinkConfig): TableAccess<MysqlShape> {
  const name = `${config.schema}.${config.table}`;
  const table = qualified(dialect, config.schema, config.table);
  return {
    name,
    table,
    maxNameBytes: Number.POSITIVE_INFINITY,
    describe: () => describeTable(session, config),
    createSql: async (rows) => {
      const keyCollation = await exactCollation(session);
      const [found] = await session.read('SELECT @@innodb_page_size AS bytes');
      return createTableSql({ ...rows, name, table, keyCollation, pageBytes: Number(found?.['bytes']) });
    },
    run: (sql) => session.command(sql),
    fits: fitOf,
    typeOf,
    addUnique: (columns) =>
      `ALTER TABLE ${table} ADD UNIQUE KEY (${columns.map(quoteIdentifier).join(', ')})`,
    keyColumn: (field, column, { shape }) =>
      keyColumnOf(field, column, {
        name,
        table,
        guarded: config.insertMode === 'upsert' && shape.uniqueKeys.length > 1,
      }),
  };
}

function chooseWriter(
  session: MysqlSession,
  { target, insertMode }: MysqlSinkConfig,
  { plan: planned, shape, columns }: PreparedTable<MysqlShape>,
): Promise<TableWriter<MysqlSession>> {
  const { fields, name } = planned;
  const { charset, reasons } = choosePath(session.server, { shape, fields, columns, insertMode });
  const plan: MysqlPlan = { ...planned, loadCharset: charset, guardKey: shape.uniqueKeys.length > 1 };
  const removing = (on: MysqlSession) => ({ session: on, dialect, plan, cantCompare: isForeignText });
  return Promise.resolve({
    plan,
    notes: [...target.notes, ...(reasons.length > 0 ? [noteNoLoad(name, reasons)] : [])],
    writeRows: (on, batch) => writeRows(on, plan, batch),
    deleteRows: (on, batch) => deleteRows(removing(on), batch),
  });
}

function noteNoLoad(name: string, reasons: readonly Text[]): Text {
  return {
    en: `${name}: LOAD DATA is not used: ${reasons.map(({ en }) => en).join('; ')}`,
    zh: `${name}：未使用 LOAD DATA：${reasons.map(({ zh }) => zh).join('；')}`,
  };
}
