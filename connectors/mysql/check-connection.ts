// The connection test: host name, connection and log-in, clock, ledger, target table, each a step that says what it found.
import { lookup } from 'node:dns/promises';
import type { ConnectorConfig } from '../../src/core/config-def.ts';
import type { CheckStep } from '../../src/core/connector.ts';
import { SyncError, toSyncError } from '../../src/core/errors.ts';
import { readMysqlSinkConfig, type MysqlSinkConfig } from './config.ts';
import { createLedgerTables } from './ledger-tables.ts';
import { openSession, type MysqlSession } from './session.ts';
import { inspectTable } from './table-schema.ts';

/** Stops at the first step that fails. */
export async function checkConnection(
  config: ConnectorConfig,
  signal: AbortSignal,
): Promise<readonly CheckStep[]> {
  const steps: CheckStep[] = [];
  const step = async <T>(
    name: string,
    act: () => Promise<readonly [detail: string, value: T]>,
  ): Promise<T> => {
    const start = performance.now();
    const tookMs = (): number => Math.round(performance.now() - start);
    try {
      const [detail, value] = await act();
      steps.push({ name, ok: true, detail, tookMs: tookMs() });
      return value;
    } catch (error) {
      const failure = toSyncError(error, 'TARGET_FAILED');
      steps.push({ name, ok: false, detail: `${failure.message} (${failure.hint.en})`, tookMs: tookMs() });
      throw error;
    }
  };
  let session: MysqlSession | null = null;
  try {
    const read = await step('configuration', () => Promise.resolve(readConfig(config)));
    await step('resolve', () => resolveHost(read.target.host));
    session = await step('connect and log in', () => logIn(read, signal));
    const open = session;
    await step('clock', () => compareClocks(open));
    await step('ledger', () => findLedger(open, read));
    await step('table', () => findTable(open, read));
  } catch (error) {
    // The step that threw is in the list; what else could throw is a defect.
    if (steps.at(-1)?.ok !== false) throw error;
  } finally {
    session?.destroy();
  }
  return steps;
}

function readConfig(config: ConnectorConfig): [string, MysqlSinkConfig] {
  const read = readMysqlSinkConfig(config);
  return [[`${read.database}.${read.table}`, ...read.target.notes].join('; '), read];
}

async function resolveHost(host: string): Promise<[string, null]> {
  const { address } = await lookup(host);
  return [`${host} is ${address}`, null];
}

async function logIn(config: MysqlSinkConfig, signal: AbortSignal): Promise<[string, MysqlSession]> {
  const session = await openSession(config, { localFiles: false, signal });
  return [`${session.server.version}, as ${session.server.account}`, session];
}

async function compareClocks(session: MysqlSession): Promise<[string, null]> {
  const before = Date.now();
  const [row] = await session.read('SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS now_ms');
  const here = (before + Date.now()) / 2;
  const aheadMs = Math.round(Number(row?.['now_ms']) - here);
  return [`the server's clock is ${Math.abs(aheadMs)} ms ${aheadMs < 0 ? 'behind' : 'ahead'}`, null];
}

async function findLedger(session: MysqlSession, config: MysqlSinkConfig): Promise<[string, null]> {
  await createLedgerTables(session, config.database);
  return [`the ledger tables are in ${config.database}`, null];
}

async function findTable(session: MysqlSession, config: MysqlSinkConfig): Promise<[string, null]> {
  const shape = await inspectTable(session, config.database, config.table);
  const name = `${config.database}.${config.table}`;
  if (shape !== null) return [`${name} has ${shape.columns.length} columns`, null];
  if (config.autoCreate) return [`${name} will be created`, null];
  throw new SyncError('TARGET_SCHEMA', {
    message: `${name} does not exist; create it, or set auto.create=true`,
  });
}
