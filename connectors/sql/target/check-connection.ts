// The connection test of an SQL server: configuration, host name, connection and log-in, clock, ledger, target table, its rights, and
// whether it keeps the rows. Nothing is made or changed; once logged in, what is wrong with one does not hide what is wrong with another.
import { lookup } from 'node:dns/promises';
import { systemClock } from '../../../src/core/clock.ts';
import {
  passOver,
  runCheckSteps,
  type Finding,
  type RunStep,
} from '../../../src/core/connector/check-steps.ts';
import type { CheckStep } from '../../../src/core/connector/contract.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { counted, type Text } from '../../../src/core/text.ts';
import { requireSwappable } from './aside/prepare-aside.ts';
import { qualified, type SqlDialect } from './dialect.ts';
import { missingLedgerTables } from './ledger.ts';
import { foreseeTable } from './prepare-table.ts';
import type { SqlSession } from './session.ts';
import type { SqlSinkConfig, SqlTarget, TargetChecks } from './sql-target.ts';
import type { Column, TableShape } from './table-shape.ts';

interface Checked<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>> {
  readonly target: SqlTarget<C, S, T>;
  readonly checks: TargetChecks<C, S>;
  readonly config: C;
  readonly session: S;
}

export function checkTarget<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  target: SqlTarget<C, S, T>,
  checks: TargetChecks<C, S>,
  asked: {
    readonly config: C;
    readonly signal: AbortSignal;
    readonly rows: RowSchema | undefined;
    readonly open: (config: C, signal: AbortSignal) => Promise<S>;
  },
): Promise<readonly CheckStep[]> {
  const { config, signal, rows, open } = asked;
  return runCheckSteps(async (step) => {
    await step('configuration', () => Promise.resolve(describe(config, checks.notes?.(config) ?? [])));
    const host = checks.hostOf?.(config);
    if (host !== undefined) await step('resolve', () => resolveHost(host));
    const { logIn } = checks;
    const session =
      logIn === undefined
        ? await step('open', async () => ({
            detail: 'a session was opened',
            value: await open(config, signal),
          }))
        : await step('connect and log in', () => logIn(config, signal));
    try {
      await lookAround(step, { target, checks, config, session }, rows);
    } finally {
      session.destroy();
    }
  });
}

async function lookAround<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  step: RunStep,
  at: Checked<C, S, T>,
  rows: RowSchema | undefined,
): Promise<void> {
  const { checks, session, config } = at;
  const { clockSql, rights } = checks;
  if (clockSql !== undefined) await passOver(step('clock', () => compareClocks(session, clockSql)));
  await passOver(step('ledger', () => findLedger(at)));
  if (rights !== undefined) await passOver(step('rights', () => rights(session, config)));
  const shape = await step('table', () => findTable(at));
  if (rights === undefined && shape !== null) await passOver(step('rights', () => tryRights(at, shape)));
  if (config.loadsAside)
    await passOver(
      step('swap', async () => {
        await requireSwappable({ target: at.target, config, session });
        return { detail: 'a table loaded beside it may take its place', value: null };
      }),
    );
  if (rows !== undefined) await step('rows', () => foreseeRows(at, rows, shape));
}

async function tryRights<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  { target, session, config, checks }: Checked<C, S, T>,
  shape: T,
): Promise<Finding<null>> {
  await tryStatements(session, writesTo(target.dialect, config, writtenOf(shape)));
  const account = checks.accountOf?.(session) ?? 'the user';
  return { detail: `${account} may read and ${config.insertMode} rows, and delete them`, value: null };
}

function describe({ schema, table }: SqlSinkConfig, notes: readonly Text[]): Finding<null> {
  const name = schema === null ? table : `${schema}.${table}`;
  return { detail: [name, ...notes.map(({ en }) => en)].join('; '), value: null };
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

async function findLedger<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>({
  target,
  checks,
  session,
  config,
}: Checked<C, S, T>): Promise<Finding<null>> {
  const missing = await missingLedgerTables(target, session, config);
  const jobs = { ...config, table: 'syncline_job' };
  if (!missing.includes('syncline_job')) {
    const shape = await target.tableAccess(session, jobs).describe();
    if (shape !== null && checks.rights === undefined)
      await tryStatements(session, writesTo(target.dialect, jobs, writtenOf(shape)));
  }
  const where = config.schema === null ? '' : ` in ${config.schema}`;
  if (missing.length === 0) return { detail: `the ledger tables are there${where}`, value: null };
  await checks.requireCreate?.(session, config, "the ledger's tables");
  return { detail: `the first run will make the ledger tables${where}`, value: null };
}

async function findTable<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>({
  target,
  checks,
  session,
  config,
}: Checked<C, S, T>): Promise<Finding<T | null>> {
  const access = target.tableAccess(session, config);
  const shape = await access.describe();
  const { name } = access;
  if (shape !== null)
    return { detail: `${name} has ${counted(shape.columns.length, 'column')}`, value: shape };
  if (config.autoCreate) {
    await checks.requireCreate?.(session, config, `the table ${name}`);
    return { detail: `${name} will be created`, value: null };
  }
  throw new SyncError('TARGET_SCHEMA', {
    message: `${name} does not exist; create it, or set auto.create=true`,
  });
}

function writtenOf({ columns }: TableShape<Column>): readonly string[] {
  return columns.filter(({ generated }) => !generated).map(({ name }) => name);
}

/** `columns`: all that a row is given, of which those without a default may not be left out even here. */
function writesTo(
  dialect: SqlDialect,
  { schema, table }: Pick<SqlSinkConfig, 'schema' | 'table'>,
  columns: readonly string[],
): readonly string[] {
  const name = qualified(dialect, schema, table);
  const quoted = columns.map((column) => dialect.quote(column));
  const [list, first = ''] = [quoted.join(', '), ...quoted];
  return [
    `SELECT ${list} FROM ${name} WHERE FALSE`,
    `INSERT INTO ${name} (${list}) SELECT ${list} FROM ${name} WHERE FALSE`,
    `UPDATE ${name} SET ${first} = ${first} WHERE FALSE`,
    `DELETE FROM ${name} WHERE FALSE`,
  ];
}

/** A server looks at the rights for a statement before it explains it, and runs none of them. */
async function tryStatements(session: SqlSession, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.command(`EXPLAIN ${statement}`);
}

async function foreseeRows<C extends SqlSinkConfig, S extends SqlSession, T extends TableShape<Column>>(
  { target, session, config }: Checked<C, S, T>,
  schema: RowSchema,
  shape: T | null,
): Promise<Finding<null>> {
  const access = { ...target.dialect, ...target.tableAccess(session, config) };
  const foreseen = await foreseeTable(access, config, { schema, shape });
  const { notes, doubts } = 'plan' in foreseen ? foreseen.ready : foreseen;
  const written = 'plan' in foreseen ? (await target.chooseWriter(session, config, foreseen)).notes : [];
  const count = schema.fields.length;
  const detail = [`every field has its column (${count})`, ...[...written, ...notes].map(({ en }) => en)];
  return { detail: detail.join('; '), doubts, value: null };
}
