import { describe, expect, it } from 'vitest';
import type { FoundTable, SourceSession } from '../../../../connectors/sql/source/dialect.ts';
import { openView } from '../../../../connectors/sql/source/views.ts';

/** `viewOf`: what a session says of the view that it begins. */
async function open(viewOf: (of: string | undefined, begun: number) => string | null) {
  const opened: string[] = [];
  const closed: string[] = [];
  let begun = 0;
  const server = {
    open: () => {
      const name = `session ${opened.length}`;
      opened.push(name);
      const session = {
        name,
        beginView: (of?: string) => Promise.resolve(viewOf(of, (begun += 1))),
        endView: () => Promise.resolve(),
        holdTable: () => Promise.resolve(),
        describe: () => Promise.resolve({} as FoundTable),
        close: () => closed.push(name),
      };
      return Promise.resolve(session as unknown as SourceSession);
    },
  };
  const place = { kind: 'table', namespace: 'd', table: 't' } as const;
  const opening = { server, attempts: 1, backoffMs: 1, place, name: 'd.t' } as unknown as Parameters<
    typeof openView
  >[0];
  const { sessions } = await openView(opening, 3, new AbortController().signal);
  return { reading: sessions.map((session) => (session as unknown as { name: string }).name), closed };
}

describe('the sessions of one view', () => {
  it('all read where the view can be shared', async () => {
    expect(await open((of) => of ?? 'here')).toEqual({
      reading: ['session 0', 'session 1', 'session 2'],
      closed: [],
    });
  });

  it('are only the first where the server gives no common view: rows move between views opened one after the other', async () => {
    expect(await open(() => null)).toEqual({ reading: ['session 0'], closed: ['session 1', 'session 2'] });
  });

  it('are only the first where so much is written that no two views are the same', async () => {
    const { reading, closed } = await open((of, begun) => (of === undefined ? String(begun) : null));
    expect([reading, closed]).toEqual([['session 0'], ['session 1', 'session 2']]);
  });
});
