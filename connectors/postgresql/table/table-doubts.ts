// What a table does with rows besides storing them: refused where rows would not be found again, else in doubt.
import { SyncError } from '../../../src/core/errors.ts';
import type { Text } from '../../../src/core/text.ts';
import type { SqlRow } from '../../sql/target/session.ts';
import type { PostgresSession } from '../session/session.ts';

const kinds: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  S: 'a sequence',
  i: 'an index',
  I: 'an index',
  c: 'a type',
  t: 'a TOAST table',
};

/** `found`: the table's row of pg_class. Throws TARGET_SCHEMA. */
export function refuseUnsafe(found: SqlRow, name: string): void {
  const refuse = (problem: string): SyncError =>
    new SyncError('TARGET_SCHEMA', { message: `${name} ${problem}` });
  const kind = String(found['kind']);
  if (kind !== 'r' && kind !== 'p') throw refuse(`is ${kinds[kind] ?? 'no table'}, not a table`);
  if (found['has_rules'] === 't')
    throw refuse('has rules, which put other statements in the place of those that write rows; drop them');
  if (found['row_security'] === 't')
    throw refuse(
      'is under row level security for this user: rows may be there unseen; let another user write, or ALTER ROLE … BYPASSRLS',
    );
  if (kind === 'r' && found['inherits'] === 't')
    throw refuse(
      'inherits from another table, is a partition, or has heirs: its keys do not hold for all rows',
    );
}

/** The table and its partitions. */
const tree = `(SELECT $1::oid AS relid UNION SELECT relid FROM pg_partition_tree($1::oid))`;

export async function doubtsOf(
  session: PostgresSession,
  { oid, found }: { readonly oid: string; readonly found: SqlRow },
): Promise<readonly Text[]> {
  const triggers = await session.read(
    `SELECT DISTINCT tgname AS name FROM pg_trigger WHERE tgrelid IN ${tree} AND NOT tgisinternal AND tgenabled <> 'D'`,
    [oid],
  );
  const others = await session.read(
    `SELECT relname AS name FROM pg_class WHERE oid IN ${tree} AND relkind NOT IN ('r', 'p')`,
    [oid],
  );
  const { encoding } = session.server;
  return [
    ...(found['persistence'] === 'u' ? [doubtUnlogged] : []),
    ...(triggers.length > 0 ? [doubtTriggers(namesIn(triggers))] : []),
    ...((await reachesItself(session, oid)) ? [doubtCascades] : []),
    ...(others.length > 0 ? [doubtForeign(namesIn(others))] : []),
    ...(encoding === 'UTF8' ? [] : [doubtEncoding(encoding)]),
  ];
}

/** Only along a circle of foreign keys with actions can the removal of one row of the table reach another. */
async function reachesItself(session: PostgresSession, oid: string): Promise<boolean> {
  const rows = await session.read(
    `WITH RECURSIVE below(relid) AS (
       SELECT conrelid FROM pg_constraint WHERE contype = 'f' AND confrelid = $1 AND confdeltype NOT IN ('a', 'r')
       UNION SELECT c.conrelid FROM pg_constraint c JOIN below b ON c.confrelid = b.relid
       WHERE c.contype = 'f' AND c.confdeltype NOT IN ('a', 'r'))
     SELECT relid FROM below WHERE relid = $1`,
    [oid],
  );
  return rows.length > 0;
}

/** A trigger may have effects elsewhere; a foreign key of another table would take its rows along. */
export async function hangsOn(session: PostgresSession, oid: string): Promise<boolean> {
  const rows = await session.read(
    `SELECT 1 FROM pg_trigger WHERE tgrelid IN ${tree} AND NOT tgisinternal AND tgenabled <> 'D'
     UNION ALL SELECT 1 FROM pg_constraint WHERE contype = 'f' AND confrelid = $1 LIMIT 1`,
    [oid],
  );
  return rows.length > 0;
}

const doubtUnlogged: Text = {
  en: 'the table is UNLOGGED: the server empties it after a crash; ALTER TABLE … SET LOGGED',
  zh: '该表为 UNLOGGED：服务器崩溃后会清空它；请执行 ALTER TABLE … SET LOGGED',
};

const doubtCascades: Text = {
  en: 'foreign keys with actions lead from the table back to itself: the removal of a row reaches others',
  zh: '带动作的外键从该表又回到自身：删除一行会波及其他行',
};

function doubtTriggers(names: string): Text {
  return {
    en: `triggers (${names}) can change, drop or add rows after they were checked`,
    zh: `触发器（${names}）可能在检查之后改变、丢弃或增加行`,
  };
}

function doubtForeign(names: string): Text {
  return {
    en: `partitions (${names}) lie on other servers, which may store values in another way`,
    zh: `分区（${names}）位于其他服务器，可能以另一种方式存储值`,
  };
}

function doubtEncoding(encoding: string): Text {
  return {
    en: `the database is in ${encoding}, which is not known to keep every character; UTF8 does`,
    zh: `数据库的编码为 ${encoding}，不能确认它能原样保存每个字符；UTF8 可以`,
  };
}

function namesIn(rows: readonly SqlRow[]): string {
  return rows.map((row) => String(row['name'])).join(', ');
}
