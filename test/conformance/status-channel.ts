// What every status channel must do, over memory and Kafka.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StatusChannel } from '../../src/core/ports/statuses.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import { noCounts } from '../../src/core/status.ts';

export interface ChannelUnderTest {
  readonly channel: StatusChannel;
  dispose(): Promise<void>;
}

/** A status of a run of its own, with everything in it. */
export function newStatus(stage: StatusMessage['stage'] = 'start'): StatusMessage {
  return {
    connectorName: 'orders-source',
    taskId: randomUUID(),
    dataTopicName: 'orders',
    stage,
    description: '12 表',
    syncline: {
      side: 'source',
      job: 'job-1',
      epoch: 3,
      at: 1_700_000_000_000,
      repeat: false,
      predicted: { rows: 12, exact: false },
      counts: { ...noCounts, read: 5 },
    },
  };
}

export function testStatusChannel(name: string, open: () => Promise<ChannelUnderTest>): void {
  describe(`${name}: status channel`, () => {
    let under: ChannelUnderTest;
    let stop: AbortController;
    beforeEach(async () => {
      under = await open();
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort();
      await under.dispose();
    });

    it('brings every follower each message published after it began to follow, whole and in order', async () => {
      const { channel } = under;
      await channel.publish(newStatus());
      const seen: StatusMessage[][] = [[], []];
      for (const list of seen) await channel.follow((status) => list.push(status), stop.signal);
      const sent = [newStatus('start'), newStatus('processing'), newStatus('end')];
      for (const status of sent) await channel.publish(status);
      const ids = sent.map(({ taskId }) => taskId);
      for (const list of seen)
        await vi.waitFor(
          () => expect(list.filter(({ taskId }) => ids.includes(taskId))).toEqual(sent),
          15_000,
        );
    });

    it('tells a follower nothing after its signal', async () => {
      const { channel } = under;
      const [gone, stays]: StatusMessage[][] = [[], []];
      const leave = new AbortController();
      await channel.follow((status) => gone?.push(status), leave.signal);
      await channel.follow((status) => stays?.push(status), stop.signal);
      leave.abort();
      const last = newStatus();
      await channel.publish(last);
      await vi.waitFor(() => expect(stays?.map(({ taskId }) => taskId)).toContain(last.taskId), 15_000);
      expect(gone?.map(({ taskId }) => taskId)).not.toContain(last.taskId);
    });
  });
}
