// Is the server a replica, and how far has it come? What its primary has and it has not yet is not there to be read, and of transactions that
// are open on the primary it says nothing.
import type { MysqlQueries } from './queries.ts';

export type Replica =
  | { readonly kind: 'no' }
  /** `behind`: seconds; null: its replication is stopped. */
  | { readonly kind: 'yes'; readonly behind: number | null }
  /** It takes no writes of others, and this user may not ask why. */
  | { readonly kind: 'maybe' };

export async function readReplica(server: MysqlQueries): Promise<Replica> {
  const status = await server
    .query(server.isMariadb ? 'SHOW ALL SLAVES STATUS' : 'SHOW REPLICA STATUS')
    .catch(() => null);
  if (status === null) {
    const [row] = await server.read('SELECT @@read_only');
    return { kind: row?.[0] === '1' ? 'maybe' : 'no' };
  }
  const { rows, fields } = status;
  if (rows.length === 0) return { kind: 'no' };
  const at = fields.findIndex(({ name }) => /^seconds_behind_(master|source)$/i.test(name));
  // Of several that it follows, the slowest counts.
  const lags = rows.map((row) => row[at] ?? null);
  return { kind: 'yes', behind: lags.includes(null) ? null : Math.max(...lags.map(Number)) };
}
