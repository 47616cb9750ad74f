// Database URLs, and what is said about wrong ones.
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { SyncError } from '../../src/core/errors.ts';
import { parseDatabaseUrl } from '../../src/store/database-url.ts';
import { openStore } from '../../src/store/open-store.ts';

function problem(url: string): string {
  try {
    parseDatabaseUrl(url);
  } catch (error) {
    if (error instanceof SyncError && error.code === 'DATABASE_UNREACHABLE') return error.message;
    throw error;
  }
  throw new Error('accepted');
}

describe('a database URL', () => {
  it('may be a file', () => {
    expect(parseDatabaseUrl('sqlite:./data/a.db')).toEqual({ kind: 'sqlite', filename: './data/a.db' });
    expect(parseDatabaseUrl('sqlite:///var/a.db')).toEqual({ kind: 'sqlite', filename: '/var/a.db' });
    expect(parseDatabaseUrl('/var/a.db')).toEqual({ kind: 'sqlite', filename: '/var/a.db' });
  });

  it('may be a server, with its default port', () => {
    const server = { host: 'db', user: 'me', password: 'p@ss%', database: 'ctl', tls: null };
    expect(parseDatabaseUrl('mysql://me:p%40ss%25@db/ctl')).toEqual({ ...server, kind: 'mysql', port: 3306 });
    expect(parseDatabaseUrl('mariadb://me:p%40ss%25@db:3307/ctl')).toEqual({
      ...server,
      kind: 'mysql',
      port: 3307,
    });
    expect(parseDatabaseUrl('postgresql://me:p%40ss%25@[::1]/ctl?ssl=true')).toEqual({
      ...server,
      kind: 'postgresql',
      host: '::1',
      port: 5432,
      tls: { ca: null },
    });
  });

  it('is refused with what is wrong, never with the password', () => {
    expect(problem('oracle://me:hush@db/ctl')).toContain('unknown scheme oracle://');
    expect(problem('mysql://me:hush@db')).toContain('no database name after db');
    expect(problem('mysql://me:hush@db/ctl?charset=x')).toContain('unknown option charset');
    expect(problem('mysql:///ctl')).toContain('no host');
    for (const url of [
      'oracle://me:hush@db/ctl',
      'mysql://me:hush@db',
      'mysql://me:hush@db/ctl?x=1',
      'mysql://me:hush@:1/x',
    ])
      expect(problem(url)).not.toContain('hush');
  });

  it.each(['mysql', 'postgresql'])('of a %s server that is not there names host and port', async (scheme) => {
    const url = `${scheme}://me:hush@127.0.0.1:1/ctl`;
    const opening = openStore({ url, secretKey: Buffer.alloc(32), clock: systemClock });
    const error = await opening.then(
      () => null,
      (thrown: unknown) => thrown as SyncError,
    );
    expect(error?.code).toBe('DATABASE_UNREACHABLE');
    expect(error?.message).toContain('127.0.0.1:1');
    expect(error?.message).not.toContain('hush');
  });
});
