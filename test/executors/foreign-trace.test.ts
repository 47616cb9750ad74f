// Traces of connectors that are not ours.
import { expect, test } from 'vitest';
import { readForeignTrace } from '../../executors/connect/foreign-trace.ts';

test('a Java trace says its last cause first', () => {
  const trace =
    'o.a.ConnectException: x\n\tat a\nCaused by: b.IOException: y\n\tat b\nCaused by: c.Refused: z\n\tat c';
  expect(readForeignTrace(trace)).toEqual({
    code: 'TASK_FAILED',
    message: 'c.Refused: z (o.a.ConnectException: x: b.IOException: y)',
    retriable: true,
    causes: ['b.IOException: y', 'c.Refused: z'],
  });
});

test('a code of ours in a text is only text', () => {
  expect(readForeignTrace('FENCED: no')).toMatchObject({ code: 'TASK_FAILED', message: 'FENCED: no' });
});

test('an empty trace says that it gives no reason', () => {
  expect(readForeignTrace('').message).toBe('no reason given');
});
