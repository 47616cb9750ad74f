// The log as one task sees it: opening and asking bear an outage of Kafka as long as reading and writing do, until the task is
// to stop.
import type { Clock } from '../../core/clock.ts';
import { SyncError } from '../../core/errors.ts';
import type { RecordLog } from '../../core/ports/record-log.ts';
import { doubling, retry } from '../../core/waiting/retry.ts';

export interface LogPatience {
  readonly clock: Clock;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

const pauseMs = doubling(250, 2_000);

export function withPatience(log: RecordLog, patience: LogPatience): RecordLog {
  const again = <T>(attempt: () => Promise<T>): Promise<T> =>
    retry({ ...patience, pauseMs, isPassing: isAway }, attempt);
  return {
    ...log,
    createTopic: (topic) => again(() => log.createTopic(topic)),
    readOffsets: (topic) => again(() => log.readOffsets(topic)),
    openProducer: () => again(() => log.openProducer()),
    openReader: (request) => again(() => log.openReader(request)),
  };
}

/** A topic that is not there is an answer. */
function isAway(error: unknown): boolean {
  return error instanceof SyncError && error.retriable && error.code !== 'TOPIC_MISSING';
}
