import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import {
  isRowError,
  lacksTls,
  sayGrants,
  toTargetError,
} from '../../../connectors/postgresql/session/server-errors.ts';
import { toSourceError } from '../../../connectors/postgresql/source/errors.ts';

const place = { address: 'db:5432', user: 'sync', database: 'Shop', schema: 'sales' };
const said = (code: string): Error =>
  Object.assign(new DatabaseError('the server says so', 0, 'error'), { code });
const ofDriver = (message: string, code?: string): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('what PostgreSQL says', () => {
  it.each([
    ['08006', 'UNREACHABLE', true],
    ['57P01', 'UNREACHABLE', true],
    ['57P03', 'UNREACHABLE', true],
    ['40001', 'FAILED', true],
    ['40P01', 'FAILED', true],
    ['55P03', 'FAILED', true],
    ['57014', 'FAILED', true],
    ['25006', 'FAILED', true],
    ['25P04', 'UNREACHABLE', true],
    ['28P01', 'LOGIN', false],
    ['42501', 'DENIED', false],
    ['42P01', 'SCHEMA', false],
    ['3D000', 'SCHEMA', false],
    ['0A000', 'SCHEMA', false],
    ['XX000', 'FAILED', false],
  ])('with state %s is of kind %s, to be tried again: %s', (state, kind, retriable) => {
    const target = toTargetError(said(state), 'writing', place);
    expect([target.code, target.retriable]).toEqual([`TARGET_${kind}`, retriable]);
    expect(target.message).toMatch(/^writing: /);
    const source = toSourceError(said(state), 'reading', place);
    expect([source.code, source.retriable]).toEqual([`SOURCE_${kind}`, retriable]);
    expect(source.message).toMatch(/^reading: /);
  });

  it('a disk that is full is the target’s own; of a source it is a failure that may pass', () => {
    expect(toTargetError(said('53100'), 'writing', place)).toMatchObject({
      code: 'TARGET_FULL',
      retriable: true,
    });
    expect(toSourceError(said('53100'), 'reading', place)).toMatchObject({
      code: 'SOURCE_FAILED',
      retriable: true,
    });
  });

  it.each(['22001', '22P02', '23505', '23514', '44000', '54000', 'P0001'])(
    'with state %s lies in a row',
    (state) => {
      expect(isRowError(said(state))).toBe(true);
      expect(isRowError(toTargetError(said(state), 'writing', place))).toBe(true);
    },
  );

  it.each(['42P01', '57014', '08006', 'XX000'])('with state %s lies in no row', (state) => {
    expect(isRowError(said(state))).toBe(false);
  });

  it('names the statements that mend it, quoted as they must be', () => {
    expect(toTargetError(said('3D000'), 'connecting', place).message).toContain('CREATE DATABASE "Shop";');
    expect(toTargetError(said('3F000'), 'writing', { ...place, schema: 'a"b' }).message).toContain(
      'CREATE SCHEMA "a""b";',
    );
    expect(toTargetError(said('25006'), 'writing', place).message).toMatch(
      /db:5432 takes no writes.*connection\.url.*ALTER ROLE sync SET default_transaction_read_only = off/,
    );
    expect(sayGrants(place)).toContain('GRANT USAGE, CREATE ON SCHEMA sales TO sync;');
    expect(toSourceError(said('42501'), 'reading', place).message).toContain(
      'GRANT SELECT ON the table to sync',
    );
    // Who reads is not told to make what is not there.
    expect(toSourceError(said('3D000'), 'reading', place).message).toBe('reading: the server says so');
  });

  it('of a connection that ended, or never came about, names the address', () => {
    for (const error of [
      ofDriver('connect ECONNREFUSED', 'ECONNREFUSED'),
      ofDriver('Connection terminated unexpectedly'),
      ofDriver('timeout expired'),
    ])
      expect(toTargetError(error, 'writing', place)).toMatchObject({
        code: 'TARGET_UNREACHABLE',
        retriable: true,
        message: expect.stringContaining('db:5432') as unknown,
      });
  });

  it('of TLS says what to do, and is not tried again', () => {
    const none = ofDriver('The server does not support SSL connections');
    expect(lacksTls(none)).toBe(true);
    expect(toTargetError(none, 'connecting', place)).toMatchObject({
      code: 'TARGET_DENIED',
      message: expect.stringContaining('sslmode=prefer') as unknown,
    });
    const untrusted = ofDriver('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(toTargetError(untrusted, 'connecting', place)).toMatchObject({
      code: 'TARGET_DENIED',
      retriable: false,
      message: expect.stringMatching(/Nothing was sent in plain text.*connection\.tls\.ca/) as unknown,
    });
  });
});
