// A table loaded beside a target of MySQL or MariaDB, and put in its place: RENAME TABLE does both renamings at one instant, and commits.
// Rights and views go by a table's name and stay; triggers, foreign keys and history go with the table.
import { createHash } from 'node:crypto';
import { SyncError } from '../../../src/core/errors.ts';
import type { CommittingAside, SwappedTables, TablePlace } from '../../sql/target/aside/aside-ways.ts';
import { qualified } from '../../sql/target/dialect.ts';
import { dialect } from '../dialect.ts';
import { grantStatement } from '../session/server-errors.ts';
import type { MysqlSession } from '../session/session.ts';
import { describeTable, readerOf } from './table-schema.ts';

/** Longer than a renaming waits for those who read the target (lock_wait_timeout): the one before is done then. */
const turnWaitSeconds = 30;

export const mysqlAside: CommittingAside<MysqlSession> = {
  transactional: false,
  alone,
  requireRights,
  obstacles,
  make: (session, tables) =>
    session.command(`CREATE TABLE ${nameOf(tables, tables.loaded)} LIKE ${nameOf(tables, tables.table)}`),
  swap: (session, tables) => {
    const { table, loaded, former } = tables;
    const [target, next, last] = [table, loaded, former].map((each) => nameOf(tables, each));
    return session.command(`RENAME TABLE ${target} TO ${last}, ${next} TO ${target}`);
  },
};

function nameOf({ schema }: SwappedTables, table: string): string {
  return qualified(dialect, schema, table);
}

/** A lock of the session's own, by name: transactions and DDL leave it alone, and it goes with the connection, after its last statement. */
async function alone<T>(session: MysqlSession, job: string, work: () => Promise<T>): Promise<T> {
  const of = createHash('sha256').update(`${session.place.database}.${job}`).digest('hex').slice(0, 40);
  const name = `syncline_${of}`;
  const [row] = await session.read(`SELECT GET_LOCK(?, ${turnWaitSeconds}) AS got`, [name]);
  if (Number(row?.['got']) !== 1)
    throw new SyncError('TARGET_FAILED', {
      message: `waiting for a turn at ${job}: somebody else has been swapping its tables for ${turnWaitSeconds} s`,
      retriable: true,
    });
  try {
    return await work();
  } finally {
    if (session.alive) await session.read('SELECT RELEASE_LOCK(?) AS released', [name]);
  }
}

const rights = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'TRIGGER'];

/** On the whole database: the tables beside have names of their own, and without TRIGGER what hangs on the target may not be seen. */
async function requireRights(session: MysqlSession, { schema }: TablePlace): Promise<void> {
  const database = schema ?? '';
  // Of others' rights only those see something who have rights enough themselves; those of an active role stand here too.
  const rows = await session.read(
    `SELECT privilege_type AS held FROM information_schema.user_privileges
     UNION SELECT privilege_type FROM information_schema.schema_privileges WHERE ? LIKE table_schema`,
    [database],
  );
  const held = new Set(rows.map((row) => String(row['held'])));
  const missing = rights.filter((right) => !held.has(right));
  if (missing.length === 0) return;
  const { account } = session.server;
  throw new SyncError('TARGET_DENIED', {
    message: `write.mode=0 makes, renames and drops tables in ${database}, and ${account} lacks ${missing.join(', ')} there. Let an administrator run: ${grantStatement(database, account, rights.join(', '))}`,
  });
}

async function obstacles(session: MysqlSession, place: TablePlace): Promise<readonly string[]> {
  const { table } = place;
  const schema = place.schema ?? '';
  const shape = await describeTable(session, { schema, table, insertMode: 'upsert' });
  if (shape === null) return [];
  const read = readerOf(session, schema, table);
  const triggers = await read(
    `SELECT event_object_table AS of_table, trigger_name AS name FROM information_schema.triggers
     WHERE event_object_schema = ? AND event_object_table = ? ORDER BY trigger_name`,
  );
  const references = await read(
    `SELECT referenced_table_name AS of_table, CONCAT(constraint_name, ' of ', table_name) AS name
     FROM information_schema.referential_constraints WHERE unique_constraint_schema = ? AND referenced_table_name = ?`,
  );
  const own = await read(
    `SELECT table_name AS of_table, constraint_name AS name FROM information_schema.referential_constraints
     WHERE constraint_schema = ? AND table_name = ?`,
  );
  const named = (what: string, rows: readonly { readonly name?: unknown }[], because: string): string[] =>
    rows.length === 0 ? [] : [`${what} ${rows.map(({ name }) => String(name)).join(', ')} ${because}`];
  return [
    ...named('trigger', triggers, 'would be gone with the table that is there now'),
    ...named('foreign key', references, 'points at it, and would stay with the table that is there now'),
    ...named('its foreign key', own, 'would be gone, for a table made like it has none'),
    ...(shape.keepsHistory ? ['its history (SYSTEM VERSIONING) would be gone'] : []),
  ];
}
