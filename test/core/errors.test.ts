// An error keeps what it knows on its way from the thread that met it to the report.
import { describe, expect, test } from 'vitest';
import {
  errorCodes,
  fromShape,
  isAway,
  isErrorCode,
  readShape,
  SyncError,
  toShape,
} from '../../src/core/errors.ts';
import { packErrorHeader, readErrorHeader } from '../../src/core/network/error-header.ts';

const refused = new Error('connect ECONNREFUSED 10.0.0.7:3306');

test('that a service is away is told from the code, whichever service it is', () => {
  expect(errorCodes.filter((code) => isErrorCode(code) && isAway(code))).toEqual([
    'CONNECT_UNREACHABLE',
    'DATABASE_UNREACHABLE',
    'KAFKA_UNREACHABLE',
    'QUEUE_UNREACHABLE',
    'SOURCE_UNREACHABLE',
    'TARGET_UNREACHABLE',
  ]);
});

describe('an error as it travels', () => {
  test('says its first cause first, and nothing twice', () => {
    const bare = new SyncError('TARGET_UNREACHABLE', { message: 'connecting to the target', cause: refused });
    expect(toShape(bare).message).toBe('connect ECONNREFUSED 10.0.0.7:3306 (connecting to the target)');
    const full = new SyncError('TARGET_UNREACHABLE', {
      message: 'connecting to the target: connect ECONNREFUSED 10.0.0.7:3306',
      cause: refused,
    });
    expect(toShape(full).message).toBe('connecting to the target: connect ECONNREFUSED 10.0.0.7:3306');
    const wrapped = new SyncError('TARGET_UNREACHABLE', { message: 'beginning the run', cause: full });
    expect(toShape(wrapped)).toEqual({
      code: 'TARGET_UNREACHABLE',
      message: 'connecting to the target: connect ECONNREFUSED 10.0.0.7:3306 (beginning the run)',
      retriable: true,
      causes: [full.message, refused.message],
    });
  });

  test('keeps code, field, place and its own word on another attempt through JSON and back', () => {
    const error = new SyncError('TARGET_FAILED', {
      message: 'writing to shop.orders: Deadlock found',
      field: 'sink.config.table.name.format',
      place: 'db:3306',
      retriable: true,
      cause: new SyncError('INTERNAL', { message: 'deeper', cause: new Error('deepest') }),
    });
    const shape = toShape(error);
    expect(shape).toMatchObject({ code: 'TARGET_FAILED', place: 'db:3306', retriable: true });
    const travelled = readShape(JSON.parse(JSON.stringify(shape)));
    expect(travelled).toEqual(shape);
    expect(toShape(fromShape(shape))).toEqual(shape);
    expect(readErrorHeader(packErrorHeader(shape))).toEqual(shape);
  });

  test('holds no stack and no path of the program', () => {
    const error = new TypeError('x is undefined');
    expect(toShape(error)).toEqual({
      code: 'INTERNAL',
      message: 'x is undefined',
      retriable: false,
      causes: [],
    });
    expect(JSON.stringify(toShape(error))).not.toContain('.ts:');
  });

  test('of several addresses says what each answered', () => {
    const both = new AggregateError([
      new Error('connect ECONNREFUSED ::1:1'),
      new Error('connect ECONNREFUSED 127.0.0.1:1'),
    ]);
    expect(toShape(both).message).toBe('connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1');
  });

  test('ends a chain that leads back to itself', () => {
    const error = new Error('round') as Error & { cause?: unknown };
    error.cause = error;
    expect(toShape(error).causes).toEqual([]);
  });

  test.each([
    null,
    'CONFLICT',
    {},
    { code: 'MADE_UP', message: 'x', retriable: true, causes: [] },
    { code: 'CONFLICT', message: 1, retriable: true, causes: [] },
    { code: 'CONFLICT', message: 'x', causes: [] },
    { code: 'CONFLICT', message: 'x', retriable: true, causes: 'y' },
  ])('is not taken from what is none: %j', (value) => {
    expect(readShape(value)).toBeNull();
  });
});

describe('the header that carries it', () => {
  test('stays short enough for clients, whatever the error says', () => {
    const long = { ...toShape(new Error('中'.repeat(20_000))), causes: ['中'.repeat(20_000)] };
    const header = packErrorHeader(long);
    expect(header.length).toBeLessThanOrEqual(8_000);
    expect(readErrorHeader(header)).toMatchObject({ code: 'INTERNAL', causes: [] });
  });

  test.each([null, '', 'no base64 of JSON', Buffer.from('[]').toString('base64')])(
    'is not read from %j',
    (text) => {
      expect(readErrorHeader(text)).toBeNull();
    },
  );
});
