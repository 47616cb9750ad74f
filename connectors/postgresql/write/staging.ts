// The staging table: of the session's own, with the columns of the rows and no constraint, filled by COPY and emptied with the
// transaction. What is in it goes into the target in one statement.
import { quoteStandard } from '../../../src/core/connector/sql-identifier.ts';
import type { PostgresPlan } from './plan.ts';
import type { PostgresSession } from '../session/session.ts';
import { stateOf } from '../session/server-errors.ts';

const staging = 'pg_temp.syncline_rows';
const twiceInOne = '21000';

export interface Part {
  readonly bytes: Buffer;
  readonly rows: number;
}

/** What is wrong with rows that the server was content with; null: nothing. */
export async function copyIntoTable(
  session: PostgresSession,
  plan: PostgresPlan,
  { bytes, rows }: Part,
): Promise<string | null> {
  const taken = await session.copy(`COPY ${plan.table} (${columnsOf(plan)}) FROM STDIN`, bytes);
  return taken === rows ? null : passedOver;
}

const passedOver = 'a trigger of the table passed it over';

/** Likewise. */
export async function writeFromStaging(
  session: PostgresSession,
  plan: PostgresPlan,
  part: Part,
): Promise<string | null> {
  await fill(session, staging, part);
  if (plan.insertMode === 'update') {
    const found = await session.change(updateSql(plan));
    return found === part.rows ? null : 'no row of the target has this key';
  }
  await session.command('SAVEPOINT syncline_once');
  try {
    return (await session.change(upsertSql(plan))) === part.rows ? null : passedOver;
  } catch (error) {
    if (stateOf(error) !== twiceInOne) throw error;
  }
  await session.command('ROLLBACK TO SAVEPOINT syncline_once');
  const removed = await session.change(earlierSql(plan));
  return (await session.change(upsertSql(plan))) === part.rows - removed ? null : passedOver;
}

/** For this transaction; outside of any savepoint, so that it stays where a part is undone. */
export async function makeStaging(session: PostgresSession, plan: PostgresPlan): Promise<void> {
  await make(session, staging, `SELECT ${columnsOf(plan)} FROM ${plan.table} WITH NO DATA`);
}

/** A domain's NOT NULL and checks hold in it already; nothing else of the table's does. */
async function make(session: PostgresSession, name: string, query: string): Promise<void> {
  if (session.staged.has(name)) return;
  await session.command(`CREATE TEMPORARY TABLE ${name} ON COMMIT DROP AS ${query}`);
  session.staged.add(name);
}

async function fill(session: PostgresSession, name: string, { bytes, rows }: Part): Promise<void> {
  await session.command(`TRUNCATE ${name}`);
  const taken = await session.copy(`COPY ${name} FROM STDIN`, bytes);
  if (taken !== rows) throw new Error(`COPY took ${taken} of ${rows} rows`);
}

function columnsOf({ columns }: PostgresPlan): string {
  return columns.map(quoteStandard).join(', ');
}

function keyOf({ key, columns }: PostgresPlan): readonly string[] {
  return key.map((index) => quoteStandard(columns[index] ?? ''));
}

/** A conflict on any other unique key than the rows' own is a refusal, not an update of somebody else's row. */
function upsertSql(plan: PostgresPlan): string {
  const insert = `INSERT INTO ${plan.table} AS t (${columnsOf(plan)}) SELECT ${columnsOf(plan)} FROM ${staging}`;
  if (plan.key.length === 0) return insert;
  const set = changedBy(plan).map((column) => `${column} = excluded.${column}`);
  return `${insert} ON CONFLICT (${keyOf(plan).join(', ')}) DO UPDATE SET ${set.join(', ')}`;
}

/** A row that is there twice in the staging table is counted once, and found missing. */
function updateSql(plan: PostgresPlan): string {
  const set = changedBy(plan).map((column) => `${column} = s.${column}`);
  return `UPDATE ${plan.table} AS t SET ${set.join(', ')} FROM ${staging} AS s WHERE ${sameKey(plan, 't', 's')}`;
}

/** Of rows with one key all but the last: rows lie in the order in which they came. */
function earlierSql(plan: PostgresPlan): string {
  return `DELETE FROM ${staging} AS s USING ${staging} AS later WHERE ${sameKey(plan, 's', 'later')} AND s.ctid < later.ctid`;
}

function sameKey(plan: PostgresPlan, one: string, other: string): string {
  return keyOf(plan)
    .map((column) => `${one}.${column} = ${other}.${column}`)
    .join(' AND ');
}

/** All columns but the key; where there is nothing else, the key by itself, so that a row that is there is counted. */
function changedBy(plan: PostgresPlan): readonly string[] {
  const rest = plan.columns.filter((_, index) => !plan.key.includes(index));
  return (rest.length > 0 ? rest : plan.columns).map(quoteStandard);
}

const keys = 'pg_temp.syncline_keys';

/** Its columns are of the types that keys are compared as. */
export async function makeKeyStaging(session: PostgresSession, { keyColumns }: PostgresPlan): Promise<void> {
  const columns = keyColumns.map(({ value }, place) => `${value('NULL')} AS ${stagedKey(place)}`);
  await make(session, keys, `SELECT ${columns.join(', ')} WITH NO DATA`);
}

/** Removes the rows whose keys are in the part: rows of the key's fields only, in its order. */
export async function deleteFromStaging(
  session: PostgresSession,
  plan: PostgresPlan,
  part: Part,
): Promise<null> {
  await fill(session, keys, part);
  const same = plan.keyColumns.map(({ term }, place) => `${term} = s.${stagedKey(place)}`);
  await session.change(`DELETE FROM ${plan.table} USING ${keys} AS s WHERE ${same.join(' AND ')}`);
  return null;
}

function stagedKey(place: number): string {
  return `syncline_key_${place}`;
}
