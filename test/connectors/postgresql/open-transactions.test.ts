import { describe, expect, it } from 'vitest';
import { readOpenTransactions } from '../../../connectors/postgresql/source/open-transactions.ts';
import type { PostgresQueries } from '../../../connectors/postgresql/source/queries.ts';
import { postgresWords } from '../../../connectors/postgresql/source/words.ts';

const began = 1_767_268_800_000_000;

/** `prepared`: the names of prepared transactions. A server that is asked for the time of PREPARE has it, too. */
function serverWith(
  prepared: readonly string[],
  {
    oldest = null,
    hidden = '0',
    asked = [],
  }: { oldest?: string | null; hidden?: string; asked?: string[] } = {},
): PostgresQueries {
  const read: PostgresQueries['read'] = (sql) => {
    asked.push(sql);
    if (sql.includes('pg_stat_activity')) return Promise.resolve([[oldest ?? null, hidden, 'f']]);
    return Promise.resolve(prepared.map((gid) => [gid]));
  };
  return { words: postgresWords, read } as unknown as PostgresQueries;
}

describe('open transactions of PostgreSQL', () => {
  it('are as old as the oldest', async () => {
    expect(await readOpenTransactions(serverWith([]))).toEqual({ kind: 'known', oldest: null });
    expect(await readOpenTransactions(serverWith([], { oldest: String(began) }))).toEqual({
      kind: 'known',
      oldest: began,
    });
  });

  it('are of unknown age while one is prepared: the catalog keeps the time of PREPARE, not that of BEGIN', async () => {
    const open = await readOpenTransactions(serverWith(['order 7'], { oldest: String(began) }));
    expect(open).toMatchObject({
      kind: 'undated',
      which: { en: expect.stringContaining("'order 7'") as string },
    });
  });

  it('are not known where sessions are hidden, prepared or not', async () => {
    expect((await readOpenTransactions(serverWith(['x'], { hidden: '1' }))).kind).toBe('unknown');
  });

  it('are asked for in the order in which they become prepared, so that none is missed between two answers', async () => {
    const asked: string[] = [];
    await readOpenTransactions(serverWith([], { asked }));
    expect(asked.map((sql) => /FROM pg_catalog\.(\w+)/.exec(sql)?.[1])).toEqual([
      'pg_stat_activity',
      'pg_prepared_xacts',
    ]);
  });
});
