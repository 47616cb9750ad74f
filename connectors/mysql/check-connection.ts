// The connection test: configuration, host name, connection and log-in, clock, ledger, target table.
import { lookup } from 'node:dns/promises';
import { runCheckSteps, type Finding } from '../../src/core/connector/check-steps.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { CheckStep } from '../../src/core/connector/contract.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { MysqlSinkConfig } from './config.ts';
import { missingLedgerTables } from './ledger-tables.ts';
import { sayGrant } from './session/server-errors.ts';
import { openSession, type MysqlSession } from './session/session.ts';
import { inspectTable } from './table/table-schema.ts';

export function checkConnection(config: MysqlSinkConfig, signal: AbortSignal): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    await step('configuration', () => Promise.resolve(describe(config)));
    await step('resolve', () => resolveHost(config.target.host));
    const session = await step('connect and log in', () => logIn(config, signal));
    try {
      await step('clock', () => compareClocks(session));
      await step('ledger', () => findLedger(session, config));
      await step('table', () => findTable(session, config));
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
  if (missing.length === 0) return { detail: `the ledger tables are in ${database}`, value: null };
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
      message: `${account} may not create the ledger's tables in ${database}. ${sayGrant(database, account)}`,
    });
  return { detail: `the first run will make the ledger tables in ${database}`, value: null };
}

async function findTable(session: MysqlSession, config: MysqlSinkConfig): Promise<Finding<null>> {
  const shape = await inspectTable(session, config.database, config.table);
  const name = `${config.database}.${config.table}`;
  if (shape !== null) return { detail: `${name} has ${shape.columns.length} columns`, value: null };
  if (config.autoCreate) return { detail: `${name} will be created`, value: null };
  throw new SyncError('TARGET_SCHEMA', {
    message: `${name} does not exist; create it, or set auto.create=true`,
  });
}
