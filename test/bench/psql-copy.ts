// The reference of what is written to PostgreSQL: `psql \\copy`, and what tells that two tables hold the same rows.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { PostgresBed } from '../support/postgresql-bed.ts';

/** `what`: as behind `\copy`. Returns how long it took, ms. */
export async function copyByPsql(
  { root, user, database, password }: PostgresBed,
  what: string,
): Promise<number> {
  const startedAt = performance.now();
  const place = ['-h', root.host, '-p', String(root.port), '-U', user, '-d', database];
  const child = spawn('psql', [...place, '-q', '-c', `\\copy ${what}`], {
    env: { PATH: process.env['PATH'], PGPASSWORD: password },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`psql ended with ${code}`);
  return performance.now() - startedAt;
}

/** A checksum over all rows, whatever their order. Throws when there are not so many. */
export async function sumOf(bed: PostgresBed, table: string, rows: number): Promise<string> {
  const [row] = await bed.readRows(table, ['count(*)', `sum(hashtextextended(${table}::text, 0))`]);
  if (row?.[0] !== String(rows)) throw new Error(`${table} has ${row?.[0] ?? 'no'} rows`);
  return row[1] ?? '';
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
