// A table loaded beside a target of PostgreSQL, and put in its place: all of it in the transaction that completes the run.
import { quoteStandard } from '../../../src/core/connector/sql-identifier.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { SwappedTables, TablePlace, TransactionalAside } from '../../sql/target/aside/aside-ways.ts';
import { qualified } from '../../sql/target/dialect.ts';
import type { SqlRow } from '../../sql/target/session.ts';
import { dialect } from '../dialect.ts';
import { quoteName, sayGrants } from '../session/server-errors.ts';
import type { PostgresSession } from '../session/session.ts';
import { obstacles } from './aside-obstacles.ts';
import { copyRights } from './copy-rights.ts';

export const postgresAside: TransactionalAside<PostgresSession> = {
  transactional: true,
  requireRights,
  obstacles,
  make,
  hold: (session, place) =>
    session.command(`LOCK TABLE ${nameOf(place, place.table)} IN ACCESS EXCLUSIVE MODE`),
  swap,
};

function nameOf({ schema }: TablePlace, table: string): string {
  return qualified(dialect, schema, table);
}

/** Only its owner may rename a table. Throws TARGET_DENIED. */
async function requireRights(session: PostgresSession, { schema, table }: TablePlace): Promise<void> {
  const [found] = await session.read(
    `SELECT has_schema_privilege(n.oid, 'CREATE') AS may_create, c.oid IS NULL OR pg_has_role(c.relowner, 'USAGE') AS owns,
       pg_get_userbyid(c.relowner) AS owner
     FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $2 WHERE n.nspname = $1`,
    [schema, table],
  );
  const { user } = session.server;
  const fail = (what: string): SyncError =>
    new SyncError('TARGET_DENIED', {
      message: `write.mode=0 makes a table in ${String(schema)} and renames it to ${table}: ${what}`,
    });
  if (found === undefined) return;
  if (found['may_create'] !== 't')
    throw fail(`${user} may not create tables there. ${sayGrants(session.place)}`);
  if (found['owns'] !== 't')
    throw fail(
      `${user} does not own ${table}. Let an administrator run: GRANT ${quoteName(String(found['owner']))} TO ${quoteName(user)};`,
    );
}

/** Who may read it comes before its owner: whoever gives a table away may not grant on it any more. */
async function make(session: PostgresSession, tables: SwappedTables): Promise<void> {
  const [target, loaded] = [nameOf(tables, tables.table), nameOf(tables, tables.loaded)];
  const [found] = await session.read(
    `SELECT c.relpersistence AS persistence, array_to_string(c.reloptions, ', ') AS options, s.spcname AS space,
       pg_get_userbyid(c.relowner) AS owner, obj_description(c.oid, 'pg_class') AS comment
     FROM pg_class c LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE c.oid = $1::regclass`,
    [target],
  );
  if (found === undefined) throw new SyncError('TARGET_SCHEMA', { message: `${target} does not exist` });
  await session.command(createLike(found, target, loaded));
  for (const { made, sequence, column_name: column } of await session.read(ownSequences, [target, loaded]))
    if (made !== null)
      await session.read(
        `SELECT setval(pg_get_serial_sequence($1, $2), last_value, is_called) AS next FROM ${String(sequence)}`,
        [loaded, String(column)],
      );
  const references = await session.read(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS rule FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'f'`,
    [target],
  );
  for (const { name, rule } of references)
    await session.command(
      `ALTER TABLE ${loaded} ADD CONSTRAINT ${quoteStandard(String(name))} ${String(rule)}`,
    );
  const { comment, owner } = found;
  if (typeof comment === 'string') await session.command(`COMMENT ON TABLE ${loaded} IS ${literal(comment)}`);
  await copyRights(session, { from: target, to: loaded });
  if (owner !== session.server.user)
    await session.command(`ALTER TABLE ${loaded} OWNER TO ${quoteName(String(owner))}`);
}

function createLike({ persistence, options, space }: SqlRow, target: string, loaded: string): string {
  const unlogged = persistence === 'u' ? 'UNLOGGED ' : '';
  const settings = typeof options === 'string' ? ` WITH (${options})` : '';
  const where = typeof space === 'string' ? ` TABLESPACE ${quoteName(space)}` : '';
  return `CREATE ${unlogged}TABLE ${loaded} (LIKE ${target} INCLUDING ALL)${settings}${where}`;
}

/** Names that others may know go over: of indexes and constraints, and of the sequences behind columns. */
async function swap(session: PostgresSession, tables: SwappedTables): Promise<void> {
  const [target, loaded] = [nameOf(tables, tables.table), nameOf(tables, tables.loaded)];
  const indexes = await session.read(pairsOfIndexes, [target, loaded]);
  const sequences = await session.read(ownSequences, [target, loaded]);
  for (const { made, sequence, column_name: column } of sequences)
    if (made === null)
      await session.command(
        `ALTER SEQUENCE ${String(sequence)} OWNED BY ${loaded}.${quoteStandard(String(column))}`,
      );
  await session.command(`ALTER TABLE ${target} RENAME TO ${quoteStandard(tables.former)}`);
  await session.command(`ALTER TABLE ${loaded} RENAME TO ${quoteStandard(tables.table)}`);
  // What hangs on it by now stands against that, and the whole transaction is undone.
  await session.command(`DROP TABLE ${nameOf(tables, tables.former)}`);
  const renamed = [
    ...indexes.map((row) => ['INDEX', row] as const),
    ...sequences.filter(({ made }) => made !== null).map((row) => ['SEQUENCE', row] as const),
  ];
  for (const [kind, { made, name }] of renamed)
    await session.command(
      `ALTER ${kind} ${nameOf(tables, String(made))} RENAME TO ${quoteStandard(String(name))}`,
    );
}

/** Indexes alike are paired in the order they were made in. */
const pairsOfIndexes = `
  WITH indexes AS (
    SELECT i.indrelid, c.relname, substring(pg_get_indexdef(i.indexrelid) from ' USING .*$') AS rule, i.indisunique, i.indisprimary
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid IN ($1::regclass, $2::regclass)),
  numbered AS (
    SELECT *, row_number() OVER (PARTITION BY indrelid, rule, indisunique, indisprimary ORDER BY relname) AS place FROM indexes)
  SELECT o.relname AS name, n.relname AS made
  FROM numbered o JOIN numbered n ON n.indrelid = $2::regclass AND (o.rule, o.indisunique, o.indisprimary, o.place)
    = (n.rule, n.indisunique, n.indisprimary, n.place)
  WHERE o.indrelid = $1::regclass`;

/** Of identity columns (`made`: the one of the new table, which goes on where the other stands) and of serial ones, which both tables take their numbers from. */
const ownSequences = `
  SELECT s.relname AS name, s.oid::regclass::text AS sequence, a.attname AS column_name,
    (SELECT m.relname FROM pg_depend e JOIN pg_class m ON m.oid = e.objid AND m.relkind = 'S'
     JOIN pg_attribute b ON b.attrelid = e.refobjid AND b.attnum = e.refobjsubid
     WHERE e.classid = 'pg_class'::regclass AND e.refclassid = 'pg_class'::regclass AND e.refobjid = $2::regclass
       AND e.deptype = 'i' AND b.attname = a.attname) AS made
  FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::regclass
    AND d.deptype IN ('a', 'i')`;

function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
