import { describe, expect, it } from 'vitest';
import { attemptWrite } from '../../../connectors/mysql/write/attempt-write.ts';
import type { MysqlSession } from '../../../connectors/mysql/session/session.ts';

/** A session whose server warned `said` times and kept those of `codes`. */
async function complaintAt(
  said: number,
  codes: readonly number[],
): Promise<[string | null, readonly string[]]> {
  const commands: string[] = [];
  const session = {
    command: (sql: string) => Promise.resolve(void commands.push(sql)),
    readText: () => Promise.resolve(codes.map((Code) => ({ Code, Message: `message of ${Code}` }))),
  };
  const complaint = await attemptWrite(session as unknown as MysqlSession, () =>
    Promise.resolve({ affected: 1, warnings: said }),
  );
  return [complaint, commands];
}

const outdated = 1287;

describe('a statement that wrote with warnings', () => {
  it('is undone when one of them speaks of a row', async () => {
    const [complaint, commands] = await complaintAt(3, [outdated, outdated, 1265]);
    expect(complaint).toBe('message of 1265');
    expect(commands).toEqual(['SAVEPOINT syncline_rows', 'ROLLBACK TO SAVEPOINT syncline_rows']);
  });

  it('stands when all of them are known to speak of none', async () => {
    expect((await complaintAt(2, [outdated, outdated]))[0]).toBeNull();
  });

  it('is undone when the server kept fewer than it said, for one of the others may speak of a row', async () => {
    const [complaint, commands] = await complaintAt(65, new Array<number>(64).fill(outdated));
    expect(complaint).toBe('the server warned 65 times and kept 64');
    expect(commands).toHaveLength(2);
  });
});
