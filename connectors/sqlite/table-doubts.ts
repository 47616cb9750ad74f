// What a table does with rows besides storing them: then nobody can say that it holds what was written.
import type { Text } from '../../src/core/text.ts';
import type { Row, SqliteDatabase } from './database.ts';

/** Conflict clauses of a table are none of them: each statement names its own. */
export function doubtsOf(database: SqliteDatabase, table: string): readonly Text[] {
  return [...doubtTriggers(database, table), ...doubtCascades(database, table)];
}

function doubtTriggers(database: SqliteDatabase, table: string): readonly Text[] {
  const names = namesIn(
    database.all("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE", [
      table,
    ]),
  );
  if (names.length === 0) return [];
  return [
    {
      en: `${table} has triggers (${names.join(', ')}): they can change or drop rows after they were checked`,
      zh: `表 ${table} 有触发器（${names.join(', ')}）：它们可能在检查之后改变或丢弃行`,
    },
  ];
}

/** Only along a circle of references can the removal or change of one row of the table reach another. */
function doubtCascades(database: SqliteDatabase, table: string): readonly Text[] {
  const names = namesIn(
    database.all(
      `WITH RECURSIVE refers(child, parent, acts) AS (
         SELECT lower(t.name), lower(f."table"), f.on_delete NOT IN ('NO ACTION', 'RESTRICT') OR f.on_update NOT IN ('NO ACTION', 'RESTRICT')
         FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table'),
       below(name) AS (
         SELECT child FROM refers WHERE parent = lower(?1) AND acts
         UNION SELECT refers.child FROM refers JOIN below ON refers.parent = below.name WHERE refers.acts)
       SELECT name FROM below WHERE name = lower(?1)`,
      [table],
    ),
  );
  if (names.length === 0) return [];
  return [
    {
      en: `${table} refers to itself by foreign keys with actions: the removal or change of a row reaches others`,
      zh: `表 ${table} 通过带动作的外键引用自身：删除或改变一行会波及其他行`,
    },
  ];
}

/** Tables with a foreign key to it, itself included: removing a row would reach others, or be refused. */
export function referringTables(database: SqliteDatabase, table: string): readonly string[] {
  const sql = `SELECT DISTINCT t.name AS name FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f
    WHERE t.type = 'table' AND lower(f."table") = lower(?) ORDER BY t.name`;
  return namesIn(database.all(sql, [table]));
}

function namesIn(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => String(row['name']));
}
