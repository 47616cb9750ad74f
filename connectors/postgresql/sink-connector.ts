// The PostgreSQL sink: a session, a dialect, and COPY as its way to write.
import type { ValueOf } from '../../src/core/connector/config.ts';
import { qualified } from '../sql/target/dialect.ts';
import { defineSqlTarget } from '../sql/target/define-sql-target.ts';
import { countRows } from '../sql/target/find-rows.ts';
import type { PreparedTable } from '../sql/target/prepare-table.ts';
import type { SqlTargetDefinition, TableWriter } from '../sql/target/sql-target.ts';
import { checks } from './check-connection.ts';
import { maxNameBytes, postgresSinkConfig, type PostgresSinkConfig } from './config.ts';
import { dialect, ledgerTables } from './dialect.ts';
import { readJdbcUrl } from './session/jdbc-url.ts';
import { openSession, type PostgresSession } from './session/session.ts';
import { fitOf, keyTypeOf, typeOf } from './table/column-fit.ts';
import { describeTable, type PostgresShape } from './table/describe-table.ts';
import { postgresAside } from './table/table-aside.ts';
import { keyColumnOf } from './table/key-columns.ts';
import { readTableMark } from './table/table-mark.ts';
import { deleteRows } from './write/delete-rows.ts';
import type { PostgresPlan } from './write/plan.ts';
import { writeRows } from './write/write-rows.ts';

export const postgresTarget: SqlTargetDefinition<
  ValueOf<typeof postgresSinkConfig>,
  PostgresSession,
  PostgresShape
> = {
  className: 'io.syncline.postgresql.PostgresSinkConnector',
  aliases: ['PostgresSinkConnector', 'PostgresSink'],
  version: '0.1.0',
  config: postgresSinkConfig,
  hosts: (flat) => [readJdbcUrl(flat['connection.url'] ?? '').host],
  place: ({ target, table }) => [target.host, target.port, target.database, target.schema, table],
  dialect,
  ledgerTables,
  connect: ({ target }, signal) => openSession(target, signal),
  describeTable,
  typeOf: (field, inKey) => (inKey ? keyTypeOf(field) : typeOf(field)),
  fits: fitOf,
  chooseWriter,
  keyColumn: ({ schema, table }, field, column, { keys }) =>
    keyColumnOf(field, column, {
      keys,
      name: `${schema}.${table}`,
      table: qualified(dialect, schema, table),
    }),
  maxNameBytes,
  nameInLedger: (_, { target, table }) => `${target.database}.${target.schema}.${table}`,
  aside: postgresAside,
  markTable: readTableMark,
  checks,
};

export const postgresSink = defineSqlTarget(postgresTarget);

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
