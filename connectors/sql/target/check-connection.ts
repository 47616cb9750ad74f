// The connection test of an SQL server: configuration, host name, connection and log-in, clock, ledger, target table. It makes nothing.
import { lookup } from 'node:dns/promises';
import { systemClock } from '../../../src/core/clock.ts';
import { runCheckSteps, type Finding, type RunStep } from '../../../src/core/connector/check-steps.ts';
import type { CheckStep } from '../../../src/core/connector/contract.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { Text } from '../../../src/core/text.ts';
import { missingLedgerTables } from './ledger.ts';
import type { SqlSession } from './session.ts';
import type { SqlSinkConfig, SqlTarget } from './sql-target.ts';

export interface ServerConfig extends SqlSinkConfig {
  readonly target: { readonly host: string; readonly notes: readonly Text[] };
}

/** What a kind of server tells of itself. */
export interface ServerChecks<C extends ServerConfig, S extends SqlSession> {
  /** Connects and logs in; says who to, as whom and over what. */
  logIn(config: C, signal: AbortSignal): Promise<Finding<S>>;
  /** SELECT … AS now_ms: the server's clock in ms. */
  readonly clockSql: string;
  /** Throws TARGET_DENIED when the user may not make the ledger's tables, with the GRANT. */
  requireCreate(session: S, config: C): Promise<void>;
  /** How many columns the target table has; null: it is not there. Throws as prepareTable. */
  countColumns(session: S, config: C): Promise<number | null>;
}

export function checkServer<C extends ServerConfig, S extends SqlSession>(
  target: SqlTarget<C, S>,
  checks: ServerChecks<C, S>,
  { config, signal }: { readonly config: C; readonly signal: AbortSignal },
): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    await step('configuration', () => Promise.resolve(describe(config)));
    await step('resolve', () => resolveHost(config.target.host));
    const session = await step('connect and log in', () => checks.logIn(config, signal));
    try {
      await lookAround(step, { target, checks, session, config });
    } finally {
      session.destroy();
    }
  });
}

async function lookAround<C extends ServerConfig, S extends SqlSession>(
  step: RunStep,
  at: {
    readonly target: SqlTarget<C, S>;
    readonly checks: ServerChecks<C, S>;
    readonly session: S;
    readonly config: C;
  },
): Promise<void> {
  const { target, checks, session, config } = at;
  await step('clock', () => compareClocks(session, checks.clockSql));
  await step('ledger', async () => {
    const missing = await missingLedgerTables(target, session, config);
    if (missing.length > 0) await checks.requireCreate(session, config);
    const where = config.schema ?? '';
    return {
      detail:
        missing.length === 0
          ? `the ledger tables are in ${where}`
          : `the first run will make the ledger tables in ${where}`,
      value: null,
    };
  });
  await step('table', async () => ({
    detail: describeTable(await checks.countColumns(session, config), config),
    value: null,
  }));
}

function describe({ schema, table, target }: ServerConfig): Finding<null> {
  const notes = target.notes.map(({ en }) => en);
  return { detail: [`${schema ?? ''}.${table}`, ...notes].join('; '), value: null };
}

async function resolveHost(host: string): Promise<Finding<null>> {
  try {
    const { address } = await lookup(host);
    return { detail: `${host} is ${address}`, value: null };
  } catch (cause) {
    throw new SyncError('TARGET_UNREACHABLE', { message: `the host name ${host} is not known`, cause });
  }
}

async function compareClocks(session: SqlSession, clockSql: string): Promise<Finding<null>> {
  const before = systemClock.now();
  const [row] = await session.read(clockSql);
  const here = (before + systemClock.now()) / 2;
  const aheadMs = Math.round(Number(row?.['now_ms']) - here);
  const where = aheadMs < 0 ? 'behind' : 'ahead of';
  return { detail: `the server's clock is ${Math.abs(aheadMs)} ms ${where} this one`, value: null };
}

function describeTable(columns: number | null, { schema, table, autoCreate }: SqlSinkConfig): string {
  const name = `${schema ?? ''}.${table}`;
  if (columns !== null) return `${name} has ${columns} ${columns === 1 ? 'column' : 'columns'}`;
  if (autoCreate) return `${name} will be created`;
  throw new SyncError('TARGET_SCHEMA', {
    message: `${name} does not exist; create it, or set auto.create=true`,
  });
}
