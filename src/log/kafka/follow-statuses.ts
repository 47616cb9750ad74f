// Follows every partition of the status topic from its end, over broker restarts and a topic made anew.
import type { Clock } from '../../core/clock.ts';
import type { SyncError } from '../../core/errors.ts';
import { toSyncError } from '../../core/errors.ts';
import type { RecordLog } from '../../core/ports/record-log.ts';
import { createRecordCursor } from '../../core/record/record-cursor.ts';
import type { StatusMessage } from '../../core/status.ts';
import { parseStatus, STATUS_TOPIC } from '../../core/status.ts';

const POLL_MS = 1_000;
const RESUME_DELAY_MS = 1_000;

export interface StatusFollower {
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly onStatus: (status: StatusMessage) => void;
  readonly onTrouble: (error: SyncError) => void;
  readonly createTopic: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Next offset per partition, of one incarnation of the topic. */
export interface StatusPositions {
  readonly incarnation: string;
  readonly offsets: Map<number, number>;
}

export async function startAtEnd(log: RecordLog): Promise<StatusPositions> {
  const { incarnation, partitions } = await log.readOffsets(STATUS_TOPIC);
  return { incarnation, offsets: new Map(partitions.map(({ partition, end }) => [partition, end])) };
}

/** Resolves when the follower's signal aborts; until then trouble is told and overcome. */
export async function followStatuses(follower: StatusFollower, start: StatusPositions): Promise<void> {
  const { clock, signal, onTrouble } = follower;
  let positions = start;
  for (;;) {
    try {
      await readStatuses(follower, positions);
    } catch (error) {
      if (signal.aborted) return;
      onTrouble(toSyncError(error, 'KAFKA_FAILED'));
      await clock.sleep(RESUME_DELAY_MS, signal).catch(() => undefined);
      positions = await resume(follower, positions).catch(() => positions);
    }
  }
}

/** Reads until something throws; moves the positions. */
async function readStatuses(follower: StatusFollower, positions: StatusPositions): Promise<never> {
  const { log, signal, onStatus } = follower;
  const from = [...positions.offsets].map(([partition, offset]) => ({ partition, offset }));
  const reader = await log.openReader({ topic: STATUS_TOPIC, from, signal });
  const cursor = createRecordCursor();
  try {
    for (;;)
      for (const batches of await reader.poll(POLL_MS)) {
        cursor.open(batches.bytes, batches.from);
        while (cursor.next()) {
          const status = parseStatus(cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd));
          if (status !== null) onStatus(status);
        }
        positions.offsets.set(batches.partition, batches.next);
      }
  } finally {
    await reader.close();
  }
}

/** Where to go on: where it was, or from the start of what took its place. */
async function resume(follower: StatusFollower, last: StatusPositions): Promise<StatusPositions> {
  await follower.createTopic();
  const { incarnation, partitions } = await follower.log.readOffsets(STATUS_TOPIC);
  const offsets = new Map<number, number>();
  for (const { partition, start, end } of partitions) {
    const offset = last.offsets.get(partition) ?? start;
    const held = incarnation === last.incarnation && offset >= start && offset <= end;
    offsets.set(partition, held ? offset : start);
  }
  return { incarnation, offsets };
}
