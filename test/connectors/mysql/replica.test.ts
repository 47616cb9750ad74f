import { describe, expect, it } from 'vitest';
import { readServerClock } from '../../../connectors/mysql/source/clock.ts';
import { readOpenTransactions } from '../../../connectors/mysql/source/open-transactions.ts';
import type { MysqlQueries } from '../../../connectors/mysql/source/queries.ts';
import { mysqlWords } from '../../../connectors/mysql/source/words.ts';
import { english } from '../../support/english.ts';

const noon = 1_767_268_800_000_000;

/** What a server says of itself. `behind`: of each that it follows, in seconds; null: the user may not ask. */
function serverThat(
  behind: readonly (string | null)[] | null,
  { readOnly = false }: { readonly readOnly?: boolean } = {},
): MysqlQueries {
  return {
    words: mysqlWords,
    isMariadb: true,
    read: (sql) =>
      Promise.resolve([
        [sql.includes('@@read_only') ? (readOnly ? '1' : '0') : sql.includes('NOW(6)') ? String(noon) : null],
      ]),
    query: () =>
      behind === null
        ? Promise.reject(new Error('you need SLAVE MONITOR'))
        : Promise.resolve({
            rows: behind.map((seconds) => ['Waiting', seconds]),
            fields: [{ name: 'Slave_IO_State' }, { name: 'Seconds_Behind_Master' }] as never,
          }),
  };
}

describe('a server that follows another one', () => {
  it('has come as far as the slowest that it follows', async () => {
    expect(await readServerClock(serverThat([]))).toEqual({ micros: noon, notes: [] });
    expect(await readServerClock(serverThat(['0']))).toEqual({ micros: noon, notes: [] });
    const { micros, notes } = await readServerClock(serverThat(['5', '90']));
    expect(micros).toBe(noon - 90_000_000);
    expect(english(notes)).toEqual(['the server is a replica, 90 s behind: the window ends as much earlier']);
  });

  it('and whose replication is stopped has no clock: what it lacks is not known', async () => {
    await expect(readServerClock(serverThat(['0', null]))).rejects.toMatchObject({
      ...{ code: 'SOURCE_FAILED', retriable: true },
      message: expect.stringContaining('a replica whose replication is stopped') as string,
    });
  });

  it('and says nothing of that to the user is told by its being read-only', async () => {
    expect((await readServerClock(serverThat(null))).notes).toEqual([]);
    const { notes } = await readServerClock(serverThat(null, { readOnly: true }));
    expect(english(notes).join()).toContain('if it is a replica, the lag must exceed its delay');
  });

  it("does not know its primary's transactions, so that its own are no answer", async () => {
    const kinds = await Promise.all(
      [serverThat([]), serverThat(null), serverThat(['0']), serverThat(null, { readOnly: true })].map(
        async (server) => (await readOpenTransactions(server)).kind,
      ),
    );
    expect(kinds).toEqual(['known', 'known', 'unknown', 'unknown']);
  });
});
