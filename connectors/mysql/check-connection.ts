// The connection test: configuration, host name, connection and log-in, clock, ledger, target table, its rights, and whether it
// keeps the rows. Nothing is made or changed; once logged in, what is wrong with one does not hide what is wrong with another.
import { lookup } from 'node:dns/promises';
import { passOver, runCheckSteps, type Finding } from '../../src/core/connector/check-steps.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { CheckStep } from '../../src/core/connector/contract.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { MysqlSinkConfig } from './config.ts';
import { missingLedgerTables } from './ledger-tables.ts';
import { sayGrant } from './session/server-errors.ts';
import { openSession, type MysqlSession } from './session/session.ts';
import { foreseeTable } from './table/prepare-table.ts';
import { inspectTable, type TableShape } from './table/table-schema.ts';

export function checkConnection(
  config: MysqlSinkConfig,
  signal: AbortSignal,
  rows?: RowSchema,
): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    await step('configuration', () => Promise.resolve(describe(config)));
    await step('resolve', () => resolveHost(config.target.host));
    const session = await step('connect and log in', () => logIn(config, signal));
    try {
      await passOver(step('clock', () => compareClocks(session)));
      await passOver(step('ledger', () => findLedger(session, config)));
      const shape = await step('table', () => findTable(session, config));
      if (shape !== null) await passOver(step('rights', () => tryRights(session, config, shape)));
      if (rows !== undefined) await step('rows', () => foreseeRows(session, config, { schema: rows, shape }));
    } finally {
      session.destroy();
    }
  });
}

function describe({ database, table, target }: MysqlSinkConfig): Finding<null> {
  const notes = target.notes.map(({ en }) => en);
  return { detail: [`${database}.${table}`, ...notes].join('; '), value: null };
}

async function resolveHost(host: string): Promise<Finding<null>> {
  try {
    const { address } = await lookup(host);
    return { detail: `${host} is ${address}`, value: null };
  } catch (cause) {
    throw new SyncError('TARGET_UNREACHABLE', { message: `the host name ${host} is not known`, cause });
  }
}

async function logIn(config: MysqlSinkConfig, signal: AbortSignal): Promise<Finding<MysqlSession>> {
  const value = await openSession(config, { localFiles: false, signal });
  const [row] = await value.readText("SHOW SESSION STATUS LIKE 'Ssl_version'");
  const tls = row === undefined ? '' : String(row['Value']);
  const { version, account } = value.server;
  return { detail: `${version}, as ${account}, ${tls === '' ? 'in plain text' : `over ${tls}`}`, value };
}

async function compareClocks(session: MysqlSession): Promise<Finding<null>> {
  const before = systemClock.now();
  const [row] = await session.read('SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS now_ms');
  const here = (before + systemClock.now()) / 2;
  const aheadMs = Math.round(Number(row?.['now_ms']) - here);
  const where = aheadMs < 0 ? 'behind' : 'ahead of';
  return { detail: `the server's clock is ${Math.abs(aheadMs)} ms ${where} this one`, value: null };
}

/** A test makes no tables: it says whether the first run can. */
async function findLedger(session: MysqlSession, { database }: MysqlSinkConfig): Promise<Finding<null>> {
  const missing = await missingLedgerTables(session, database);
  const jobs = await inspectTable(session, database, 'syncline_job');
  if (jobs !== null) await tryStatements(session, writesTo(database, 'syncline_job', writtenOf(jobs)));
  if (missing.length === 0) return { detail: `the ledger tables are in ${database}`, value: null };
  await requireCreate(session, database, "the ledger's tables");
  return { detail: `the first run will make the ledger tables in ${database}`, value: null };
}

/** Throws TARGET_DENIED. */
async function requireCreate(session: MysqlSession, database: string, what: string): Promise<void> {
  // Of others' rights only those see something who have rights enough themselves; those of an active role stand here too.
  const rights = await session.read(
    `SELECT 1 AS found FROM information_schema.user_privileges WHERE privilege_type = 'CREATE'
     UNION SELECT 1 FROM information_schema.schema_privileges
     WHERE privilege_type = 'CREATE' AND ? LIKE table_schema`,
    [database],
  );
  const { account } = session.server;
  if (rights.length === 0)
    throw new SyncError('TARGET_DENIED', {
      message: `${account} may not create ${what} in ${database}. ${sayGrant(database, account)}`,
    });
}

/** A server looks at the rights for a statement before it explains it, and runs none of them. */
async function tryRights(
  session: MysqlSession,
  { database, table, insertMode }: MysqlSinkConfig,
  shape: TableShape,
): Promise<Finding<null>> {
  await tryStatements(session, writesTo(database, table, writtenOf(shape)));
  return {
    detail: `${session.server.account} may read and ${insertMode} rows, and delete them`,
    value: null,
  };
}

function writtenOf({ columns }: TableShape): readonly string[] {
  return columns.filter(({ generated }) => !generated).map(({ name }) => name);
}

/** `columns`: all that a row is given, of which those without a default may not be left out even here. */
function writesTo(database: string, table: string, columns: readonly string[]): readonly string[] {
  const name = `${quoteIdentifier(database)}.${quoteIdentifier(table)}`;
  const list = columns.map(quoteIdentifier).join(', ');
  const [first = ''] = columns.map(quoteIdentifier);
  return [
    `SELECT ${list} FROM ${name} WHERE FALSE`,
    `INSERT INTO ${name} (${list}) SELECT ${list} FROM ${name} WHERE FALSE`,
    `UPDATE ${name} SET ${first} = ${first} WHERE FALSE`,
    `DELETE FROM ${name} WHERE FALSE`,
  ];
}

async function tryStatements(session: MysqlSession, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.readText(`EXPLAIN ${statement}`);
}

async function foreseeRows(
  session: MysqlSession,
  config: MysqlSinkConfig,
  target: { readonly schema: RowSchema; readonly shape: TableShape | null },
): Promise<Finding<null>> {
  const { notes, doubts } = await foreseeTable(session, config, target);
  const count = target.schema.fields.length;
  const detail = [`all ${count} fields have their column`, ...notes.map(({ en }) => en)].join('; ');
  return { detail, doubts, value: null };
}

async function findTable(
  session: MysqlSession,
  config: MysqlSinkConfig,
): Promise<Finding<TableShape | null>> {
  const shape = await inspectTable(session, config.database, config.table);
  const name = `${config.database}.${config.table}`;
  if (shape !== null) return { detail: `${name} has ${shape.columns.length} columns`, value: shape };
  if (config.autoCreate) {
    await requireCreate(session, config.database, `the table ${name}`);
    return { detail: `${name} will be created`, value: null };
  }
  throw new SyncError('TARGET_SCHEMA', {
    message: `${name} does not exist; create it, or set auto.create=true`,
  });
}
