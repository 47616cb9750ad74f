// The statement of a table or an index, as SQLite keeps it, for one of another name. SQLite keeps it from the name on as it was typed.
import { quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';

const name = String.raw`(?:"(?:[^"]|"")*"|\`(?:[^\`]|\`\`)*\`|\[[^\]]*\]|'(?:[^']|'')*'|[^\s()"'\`[\]/-]+)`;
const tableHead = new RegExp(`^CREATE TABLE ${name}`, 'i');
const indexHead = new RegExp(`^(CREATE (?:UNIQUE )?INDEX )${name}\\s+ON\\s*${name}`, 'i');

/** null: it can't be told where its name ends. */
export function movedTable(sql: string, table: string): string | null {
  return replaceHead(sql, tableHead, () => `CREATE TABLE ${quoteIdentifier(table)}`);
}

/** null: likewise. */
export function movedIndex(
  sql: string,
  to: { readonly name: string; readonly table: string },
): string | null {
  return replaceHead(
    sql,
    indexHead,
    (create) => `${create}${quoteIdentifier(to.name)} ON ${quoteIdentifier(to.table)}`,
  );
}

/** What follows is a list of columns. */
function replaceHead(sql: string, head: RegExp, by: (create: string) => string): string | null {
  const found = head.exec(sql);
  if (found === null || !/^\s*\(/.test(sql.slice(found[0].length))) return null;
  return by(found[1] ?? '') + sql.slice(found[0].length);
}
