import { describe, expect, it } from 'vitest';
import { grantStatement, toTargetError } from '../../../connectors/mysql/session/server-errors.ts';

const place = { address: 'db:3306', user: 'sync', account: 'sync@10.%', database: 'my_shop' };
const said = (errno: number): Error => Object.assign(new Error('the server says so'), { errno });

describe('what a server says', () => {
  it.each([
    [1205, 'TARGET_FAILED', true],
    [1213, 'TARGET_FAILED', true],
    [1114, 'TARGET_FULL', true],
    [1021, 'TARGET_FULL', true],
    [1927, 'TARGET_UNREACHABLE', true],
    [2013, 'TARGET_UNREACHABLE', true],
    [1142, 'TARGET_DENIED', false],
    [1146, 'TARGET_SCHEMA', false],
    [1054, 'TARGET_SCHEMA', false],
    [1064, 'TARGET_FAILED', false],
  ])('with number %i is %s, to be tried again: %s', (errno, code, retriable) => {
    const error = toTargetError(said(errno), 'writing', place);
    expect([error.code, error.retriable]).toEqual([code, retriable]);
    expect(error.message).toContain('writing: ');
  });

  it.each([
    [3, 'Error writing file \'/tmp/MLfd=31\' (Errcode: 28 "No space left on device")'],
    [1030, 'Got error 28 "No space left on device" from storage engine InnoDB'],
    [1026, "Error writing file './shop/orders.ibd' (errno: 122 - Disk quota exceeded)"],
  ])('with number %i says in words that there is no room', (errno, words) => {
    const error = Object.assign(new Error(words), { errno });
    expect(toTargetError(error, 'writing', place)).toMatchObject({ code: 'TARGET_FULL', retriable: true });
  });

  it('of a log-in that it refuses names the user; of a missing right, once logged in, the GRANT', () => {
    const logIn = toTargetError(said(1045), 'connecting', { ...place, account: null });
    expect(logIn).toMatchObject({ code: 'TARGET_LOGIN', retriable: false });
    expect(logIn.message).toContain("db:3306 refused the log-in of user 'sync'");
    expect(toTargetError(said(1045), 'loading', place)).toMatchObject({ code: 'TARGET_DENIED' });
  });

  it('of being read-only says where else to write, and may pass', () => {
    const readOnly = Object.assign(new Error('running with the --read-only option'), { errno: 1290 });
    expect(toTargetError(readOnly, 'writing', place)).toMatchObject({
      ...{ code: 'TARGET_FAILED', retriable: true },
      message: expect.stringMatching(/db:3306 takes no writes.*connection\.url.*read_only/) as unknown,
    });
    const other = Object.assign(new Error('running with the --skip-grant-tables option'), { errno: 1290 });
    expect(toTargetError(other, 'writing', place).message).toBe(`writing: ${other.message}`);
  });

  it('of a lost connection names the address', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(toTargetError(reset, 'writing', place).message).toBe('writing: db:3306: the connection was reset');
  });

  it('of TLS says what to do and is not tried again; a connection that broke on the way is', () => {
    const handshake = (message: string, more = {}): Error =>
      Object.assign(new Error(message), { code: 'HANDSHAKE_SSL_ERROR', fatal: true, ...more });
    const untrusted = toTargetError(handshake('self-signed certificate'), 'connecting', place);
    expect(untrusted).toMatchObject({ code: 'TARGET_DENIED', retriable: false });
    expect(untrusted.message).toMatch(/db:3306.*self-signed certificate.*connection\.tls\.ca.*sslMode=/);
    for (const broken of [
      handshake('read ECONNRESET', { syscall: 'read', errno: -104 }),
      handshake('Client network socket disconnected before secure TLS connection was established'),
    ])
      expect(toTargetError(broken, 'connecting', place)).toMatchObject({
        code: 'TARGET_UNREACHABLE',
        retriable: true,
      });
  });

  it('is answered with a GRANT in which wildcards and quotes are what they look like', () => {
    expect(grantStatement('my_shop', 'sync@10.%')).toBe(
      "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, TRIGGER ON `my\\_shop`.* TO 'sync'@'10.%';",
    );
    expect(grantStatement('d', "o'b\\@x@h")).toContain("TO 'o''b\\\\@x'@'h';");
  });
});
