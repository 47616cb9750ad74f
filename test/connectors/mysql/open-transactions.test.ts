import { describe, expect, it } from 'vitest';
import { readOpenTransactions } from '../../../connectors/mysql/source/open-transactions.ts';
import type { MysqlQueries, TextRow } from '../../../connectors/mysql/source/queries.ts';
import { mysqlWords } from '../../../connectors/mysql/source/words.ts';
import { SyncError } from '../../../src/core/errors.ts';

const began = 1_767_268_800_000_000;

interface Server {
  /** What InnoDB says: since when the oldest is open, and how many have no session. */
  readonly open?: TextRow | SyncError;
  /** Statements that run: since when, how it begins, and whether it has a word of one that writes. */
  readonly running?: readonly TextRow[];
  /** What XA RECOVER lists. */
  readonly prepared?: readonly TextRow[] | SyncError;
}

function serverWith({ open = [null, '0'], running = [], prepared = [] }: Server): MysqlQueries {
  const answers: readonly [RegExp, readonly TextRow[] | SyncError][] = [
    [/innodb_trx/, open instanceof SyncError ? open : [open]],
    [/processlist/, running],
    [/^XA RECOVER/, prepared],
  ];
  return {
    words: mysqlWords,
    isMariadb: true,
    read: (sql) => {
      const answer = answers.find(([asked]) => asked.test(sql))?.[1] ?? [];
      return answer instanceof SyncError ? Promise.reject(answer) : Promise.resolve(answer);
    },
    query: () => Promise.resolve({ rows: [], fields: [] }),
  };
}

const denied = new SyncError('SOURCE_DENIED', { message: 'no right' });
const orphan: TextRow = [String(began), '1'];

describe('open transactions of MySQL and MariaDB', () => {
  it('are as old as the oldest', async () => {
    expect(await readOpenTransactions(serverWith({}))).toEqual({ kind: 'known', oldest: null });
    const open = [String(began), '0'];
    expect(await readOpenTransactions(serverWith({ open }))).toEqual({ kind: 'known', oldest: began });
    expect((await readOpenTransactions(serverWith({ open: denied }))).kind).toBe('unknown');
  });

  it('are of unknown age while an XA transaction without session is prepared: after a restart it is dated by that', async () => {
    const open = await readOpenTransactions(serverWith({ open: orphan, prepared: [['1', '2', '0', 'q1']] }));
    expect(open).toMatchObject({
      kind: 'undated',
      which: { en: expect.stringContaining('XA COMMIT') as string },
    });
  });

  it('are dated where those without a session are not prepared, and not where the user may not ask', async () => {
    expect(await readOpenTransactions(serverWith({ open: orphan }))).toEqual({
      kind: 'known',
      oldest: began,
    });
    expect((await readOpenTransactions(serverWith({ open: orphan, prepared: denied }))).kind).toBe('undated');
  });

  it('are not asked for any more when the server is gone', async () => {
    const gone = new SyncError('SOURCE_UNREACHABLE', { message: 'gone' });
    await expect(readOpenTransactions(serverWith({ open: orphan, prepared: gone }))).rejects.toBe(gone);
  });

  it('are as old as the oldest statement that may write, running or waiting for a lock', async () => {
    const oldestOf = async (running: readonly TextRow[], since: string | null = null) => {
      const open = await readOpenTransactions(serverWith({ running, open: [since, '0'] }));
      return open.kind === 'known' ? open.oldest : open.kind;
    };
    expect(await oldestOf([['70', 'INSERT INTO t VALUES (1)', '1']])).toBe(70);
    expect(await oldestOf([['70', 'INSERT INTO t VALUES (1)', '1']], '60')).toBe(60);
    expect(await oldestOf([['70', 'CALL nightly()', '0']], '80')).toBe(70);
    expect(await oldestOf([['70', 'ALTER TABLE t ADD at DATETIME DEFAULT NOW()', '0']])).toBe(70);
    expect(await oldestOf([['70', '/*!50000 INSERT INTO t */ SELECT 1', '0']])).toBe(70);
    expect(await oldestOf([['70', '/*M! INSERT INTO t */ SELECT 1', '0']])).toBe(70);
    // Of a statement that writes by a stored function, the server shows what the function runs.
    expect(await oldestOf([['70', 'select sleep(1) into x', '1']])).toBe(70);
    expect(await oldestOf([['70', 'WITH c AS (SELECT 1) UPDATE t SET a = 1', '1']])).toBe(70);
    for (const reading of [
      'SELECT 1',
      '/* app */ (select 1)',
      '-- x\n# y\n/*+ hint */ SHOW STATUS',
      'WITH c AS (SELECT 1) SELECT 1',
    ])
      expect(await oldestOf([['70', reading, '0']], '80'), reading).toBe(80);
  });
});
