// PostgreSQL as an SQL target.
import { quoteStandard } from '../../src/core/connector/sql-identifier.ts';
import { createTableSql } from '../sql/target/create-table.ts';
import { qualified } from '../sql/target/dialect.ts';
import { countRows } from '../sql/target/find-rows.ts';
import type { PreparedTable } from '../sql/target/prepare-table.ts';
import { SessionHolder } from '../sql/target/session-holder.ts';
import type { SqlTarget, TableWriter } from '../sql/target/sql-target.ts';
import type { TableAccess } from '../sql/target/table-access.ts';
import { maxNameBytes, type PostgresSinkConfig } from './config.ts';
import { dialect, ledgerTables } from './dialect.ts';
import { openSession, type PostgresSession } from './session/session.ts';
import { fitOf, keyTypeOf, typeOf } from './table/column-fit.ts';
import { describeTable, type PostgresShape } from './table/describe-table.ts';
import { keyColumnOf } from './table/key-columns.ts';
import { postgresAside } from './table/table-aside.ts';
import { readTableMark } from './table/table-mark.ts';
import { deleteRows } from './write/delete-rows.ts';
import type { PostgresPlan } from './write/plan.ts';
import { writeRows } from './write/write-rows.ts';

export const postgresTarget: SqlTarget<PostgresSinkConfig, PostgresSession, PostgresShape> = {
  dialect,
  ledgerTables,
  connect: ({ target }, signal) => new SessionHolder(() => openSession(target, signal)),
  nameInLedger: (_, { target, table }) => `${target.database}.${target.schema}.${table}`,
  tableAccess,
  chooseWriter,
  aside: postgresAside,
  markTable: readTableMark,
};

function tableAccess(session: PostgresSession, config: PostgresSinkConfig): TableAccess<PostgresShape> {
  const name = `${config.schema}.${config.table}`;
  const table = qualified(dialect, config.schema, config.table);
  return {
    name,
    table,
    maxNameBytes,
    describe: () => describeTable(session, config),
    createSql: (rows) => Promise.resolve(createTableSql({ ...rows, table }, dialect, { typeOf, keyTypeOf })),
    run: (sql) => session.command(sql),
    fits: fitOf,
    typeOf,
    addUnique: (columns) => `ALTER TABLE ${table} ADD UNIQUE (${columns.map(quoteStandard).join(', ')})`,
    keyColumn: (field, column, { keys }) => keyColumnOf(field, column, { keys, name, table }),
  };
}

async function chooseWriter(
  session: PostgresSession,
  { target }: PostgresSinkConfig,
  { plan: planned, shape }: PreparedTable<PostgresShape>,
): Promise<TableWriter<PostgresSession>> {
  const isFresh = { value: (await countRows({ session, plan: planned }, 1)) === 0 };
  const plan: PostgresPlan = { ...planned, isFresh, uniqueKeys: shape.uniqueKeys };
  return {
    plan,
    notes: target.notes,
    writeRows: (on, batch) => writeRows(on, plan, batch),
    deleteRows: (on, batch) => deleteRows(on, plan, batch),
  };
}
