// Names of databases, tables and columns in SQL text: the one check and the one quotation.
import { ledgerTables } from '../ledger/sql-session.ts';

const maxLength = 64;
// Nothing that ends a quotation or a statement, and nothing that a terminal or a log line would not show as it is.
const forbidden = /[\p{Cc}\p{Cs}`'"\\;]/u;

/** What is wrong with a name, or null. `what` is said in front: `table name`, `column`. */
export function checkIdentifier(name: string, what: string): string | null {
  if (name === '') return `${what} is empty`;
  if (forbidden.test(name))
    return `${what} holds a quotation mark, semicolon, backslash or control character`;
  if (/[\u{10000}-\u{10ffff}]/u.test(name))
    return `${what} holds a character outside the basic plane (an emoji?)`;
  if (name.length > maxLength)
    return `${what} has ${name.length} characters, at most ${maxLength} are allowed`;
  if (name.endsWith(' ') || name.startsWith(' ')) return `${what} begins or ends with a blank`;
  return null;
}

const systemSchemas = ['information_schema', 'mysql', 'performance_schema', 'sys'];

/** Checks a table that is to be written to, `database` null where the target has none. */
export function checkTarget(database: string | null, table: string): string | null {
  if (database !== null) {
    const problem = checkIdentifier(database, 'database name');
    if (problem !== null) return problem;
    if (systemSchemas.includes(database.toLowerCase())) return `${database} belongs to the database server`;
  }
  const problem = checkIdentifier(table, 'table name');
  if (problem !== null) return problem;
  if ((ledgerTables as readonly string[]).includes(table.toLowerCase()))
    return `${table} is a table of Syncline's ledger`;
  return null;
}

/** Quotes a name for MySQL, MariaDB and SQLite. Throws on a name that was not checked. */
export function quoteIdentifier(name: string): string {
  return `\`${checked(name)}\``;
}

/** As the standard has it, for PostgreSQL. Throws on a name that was not checked. */
export function quoteStandard(name: string): string {
  return `"${checked(name)}"`;
}

function checked(name: string): string {
  if (name === '' || forbidden.test(name))
    throw new TypeError(`quoting a name that was not checked: ${name}`);
  return name;
}
