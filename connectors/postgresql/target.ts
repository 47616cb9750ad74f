// PostgreSQL as an SQL target.
import { SessionHolder } from '../sql/target/session-holder.ts';
import type { SqlTarget } from '../sql/target/sql-target.ts';
import type { PostgresSinkConfig } from './config.ts';
import { dialect, ledgerTables } from './dialect.ts';
import { preparePostgresTable } from './prepare-table.ts';
import { readTableMark } from './table/table-mark.ts';
import { openSession, type PostgresSession } from './session/session.ts';

export const postgresTarget: SqlTarget<PostgresSinkConfig, PostgresSession> = {
  dialect,
  ledgerTables,
  connect: ({ target }, signal) => new SessionHolder(() => openSession(target, signal)),
  nameInLedger: (_, { target, table }) => `${target.database}.${target.schema}.${table}`,
  prepareTable: preparePostgresTable,
  markTable: readTableMark,
};
