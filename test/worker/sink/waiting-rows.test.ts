// Rows that wait for another row to change: how many, and what is said of those that do not wait.
import { expect, it } from 'vitest';
import { maxWaiting, waitingOf } from '../../../src/worker/sink/rows/waiting-rows.ts';
import { batchOf } from '../../conformance/sink-bed.ts';

const place = { key: [0], fields: 2 };
const refusal = (index: number) => ({
  index,
  key: `k${index}`,
  field: 'value',
  reason: 'duplicate',
  bytesHex: '',
  conflict: true,
});

it('wait as long as there is room; of the others it is said why they do not', () => {
  const batch = batchOf([
    ['k0', 'x'],
    ['k1', 'y'.repeat(3_000)],
    ['k2', 'z'],
    ['k3', 'z'],
  ]);
  const { waiting, lost } = waitingOf(batch, [0, 1, 2, 3].map(refusal), { place, room: 2 });
  expect(waiting.map(({ key, reason }) => [key, reason])).toEqual([
    ['k0', 'duplicate'],
    ['k2', 'duplicate'],
  ]);
  const why = (text: string) => `duplicate (not tried again at the end of the run: ${text})`;
  expect(lost.map(({ reason }) => reason)).toEqual([
    why('it has more than 2000 bytes'),
    why(`${maxWaiting} rows wait for that already`),
  ]);
});

it('are never more than there is room for, also where more than that wait already', () => {
  const { waiting, lost } = waitingOf(batchOf([['k0', 'x']]), [refusal(0)], { place, room: -5 });
  expect([waiting.length, lost.length]).toEqual([0, 1]);
});
