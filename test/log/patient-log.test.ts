// What a task asks of Kafka while it is away.
import { describe, expect, it } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import { withPatience } from '../../src/log/kafka/patient-log.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { createFakeRecordLog } from '../fakes/fake-record-log.ts';

const away = new SyncError('KAFKA_UNREACHABLE', { message: 'connecting to broker:9092: refused' });

function setup() {
  const clock = createFakeClock(0);
  const log = createFakeRecordLog('kafka');
  const stop = new AbortController();
  const patient = withPatience(log, { clock, withinMs: 60_000, signal: stop.signal });
  return { clock, log, stop, patient };
}

describe('a log with patience', () => {
  it('answers when Kafka is back', async () => {
    const { clock, log, patient } = setup();
    log.failure = away;
    const created = patient.createTopic({ name: 'orders', partitions: 4, retentionMs: 1 });
    await clock.advance(50_000);
    log.failure = null;
    await clock.advance(3_000);
    await created;
    expect((await patient.readOffsets('orders')).partitions).toHaveLength(4);
  });

  it('gives up with its reason when its time is over, and at once when its task is to stop', async () => {
    const { clock, log, stop, patient } = setup();
    log.failure = away;
    const late = patient.readOffsets('orders').catch((error: unknown) => error);
    await clock.advance(61_000);
    expect(await late).toBe(away);
    const stopped = patient.readOffsets('orders').catch((error: unknown) => error);
    await clock.advance(1_000);
    stop.abort(new Error('stopped'));
    expect(await stopped).toEqual(new Error('stopped'));
    expect(clock.sleepers).toBe(0);
  });

  it('takes a missing topic for an answer', async () => {
    const { clock, patient } = setup();
    await expect(patient.readOffsets('orders')).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
    expect(clock.sleepers).toBe(0);
  });
});
