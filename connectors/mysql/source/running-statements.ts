// Statements that run, or wait for a lock. NOW() is the time at which a statement began: while it waits for the table's lock, or writes into
// a table of an engine without transactions, InnoDB has no transaction of it, and its rows turn up when it ends.
import type { MysqlQueries } from './queries.ts';

/** What a statement that reads begins with, behind brackets and comments; those with `!` are run. */
const reads = /^(?:[\s(]|\/\*(?!M?!)[^]*?\*\/|--\s[^\n]*\n|#[^\n]*\n)*(?:select|show|with)\b/i;
/** Words of a statement that writes, or that a stored function runs inside one. */
const writing = '[^a-z0-9_](into|update|delete)[^a-z0-9_]';
const headLength = 4000;

/**
 * MariaDB says in milliseconds how long one has been running, MySQL in whole seconds of its clock. A little is taken off: a statement's
 * NOW() and the time from which its duration counts are taken one after the other.
 */
const began = {
  mariadb: 'FLOOR((UNIX_TIMESTAMP(NOW(6)) * 1000 - time_ms - 10) * 1000)',
  mysql: '(UNIX_TIMESTAMP(NOW()) - time) * 1000000',
};

/** When the oldest that may write began, by the server's clock, µs; null: none runs. A user without the right PROCESS sees his own only. */
export async function readOldestStatement(server: MysqlQueries): Promise<number | null> {
  const rows = await server.read(
    `SELECT ${server.isMariadb ? began.mariadb : began.mysql}, LEFT(info, ${headLength}), info REGEXP '${writing}'
     FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND command <> 'Sleep' AND info IS NOT NULL`,
  );
  const times = rows
    .filter(([, head, isWriting]) => isWriting === '1' || !reads.test(head ?? ''))
    .map(([time]) => Number(time));
  return times.length === 0 ? null : Math.min(...times);
}
