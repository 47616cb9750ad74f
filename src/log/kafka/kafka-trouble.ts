// Kafka's error codes, and what they mean to a caller in this folder: try again on a fresh look at the cluster, or give up.
import { SyncError } from '../../core/errors.ts';
import type { Clock } from '../../core/clock.ts';
import { abortReason } from '../../core/clock.ts';

export const NONE = 0;
export const OFFSET_OUT_OF_RANGE = 1;
export const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** Put into words by too-large.ts. */
export const MESSAGE_TOO_LARGE = 10;
export const TOPIC_ALREADY_EXISTS = 36;
export const OUT_OF_ORDER_SEQUENCE = 45;
export const DUPLICATE_SEQUENCE = 46;

interface CodeMeaning {
  readonly name: string;
  /** It passes by itself, or on another broker. */
  readonly passing: boolean;
  /** In words, where the name doesn't say it. */
  readonly words?: string;
}

const meaning = (name: string, passing: boolean, words?: string): CodeMeaning =>
  words === undefined ? { name, passing } : { name, passing, words };
const passing = (name: string, words?: string): CodeMeaning => meaning(name, true, words);
const lasting = (name: string, words?: string): CodeMeaning => meaning(name, false, words);

const meanings: ReadonlyMap<number, CodeMeaning> = new Map([
  [-1, lasting('UNKNOWN_SERVER_ERROR', 'the log of the broker says why')],
  [OFFSET_OUT_OF_RANGE, lasting('OFFSET_OUT_OF_RANGE')],
  [2, lasting('CORRUPT_MESSAGE', 'the broker found a wrong checksum')],
  [UNKNOWN_TOPIC_OR_PARTITION, passing('UNKNOWN_TOPIC_OR_PARTITION', 'there is no such topic')],
  [5, passing('LEADER_NOT_AVAILABLE')],
  [6, passing('NOT_LEADER_OR_FOLLOWER')],
  [7, passing('REQUEST_TIMED_OUT')],
  [8, passing('BROKER_NOT_AVAILABLE')],
  [9, passing('REPLICA_NOT_AVAILABLE')],
  [13, passing('NETWORK_EXCEPTION')],
  [14, passing('COORDINATOR_LOAD_IN_PROGRESS')],
  [15, passing('COORDINATOR_NOT_AVAILABLE')],
  [17, lasting('INVALID_TOPIC', 'a topic name has 1 to 249 letters, digits, dots, underscores or hyphens')],
  [
    18,
    lasting('RECORD_LIST_TOO_LARGE', 'the batch is larger than a segment of the topic; raise segment.bytes'),
  ],
  [19, passing('NOT_ENOUGH_REPLICAS')],
  [20, passing('NOT_ENOUGH_REPLICAS_AFTER_APPEND')],
  [29, lasting('TOPIC_AUTHORIZATION_FAILED', 'grant this client Read, Write and Describe on the topic')],
  [
    31,
    lasting('CLUSTER_AUTHORIZATION_FAILED', 'grant this client IdempotentWrite and Create on the cluster'),
  ],
  [32, lasting('INVALID_TIMESTAMP', 'the clock of this machine is too far from that of the broker')],
  [35, lasting('UNSUPPORTED_VERSION')],
  [TOPIC_ALREADY_EXISTS, lasting('TOPIC_ALREADY_EXISTS')],
  [37, lasting('INVALID_PARTITIONS')],
  [38, lasting('INVALID_REPLICATION_FACTOR')],
  [40, lasting('INVALID_CONFIG')],
  [41, passing('NOT_CONTROLLER')],
  [44, lasting('POLICY_VIOLATION')],
  [
    OUT_OF_ORDER_SEQUENCE,
    lasting('OUT_OF_ORDER_SEQUENCE_NUMBER', 'batches in front of this one are missing'),
  ],
  [DUPLICATE_SEQUENCE, lasting('DUPLICATE_SEQUENCE_NUMBER')],
  [47, lasting('INVALID_PRODUCER_EPOCH')],
  [56, passing('KAFKA_STORAGE_ERROR')],
  [58, lasting('SASL_AUTHENTICATION_FAILED')],
  [59, lasting('UNKNOWN_PRODUCER_ID')],
  [74, passing('FENCED_LEADER_EPOCH')],
  [75, passing('UNKNOWN_LEADER_EPOCH')],
  [76, lasting('UNSUPPORTED_COMPRESSION_TYPE')],
  [78, passing('OFFSET_NOT_AVAILABLE')],
  [87, lasting('INVALID_RECORD', 'a compacted topic takes no record without a key')],
  [89, passing('THROTTLING_QUOTA_EXCEEDED')],
]);

/** Trouble that may pass: the caller looks at the cluster anew and tries again until its time is up. Stays in this folder. */
export class PassingTrouble extends Error {
  /** What it becomes when it does not pass. */
  readonly becomes: 'KAFKA_UNREACHABLE' | 'KAFKA_FAILED' | 'TOPIC_MISSING';

  constructor(becomes: PassingTrouble['becomes'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PassingTrouble';
    this.becomes = becomes;
  }

  toSyncError(): SyncError {
    return new SyncError(this.becomes, { message: this.message, cause: this.cause, retriable: true });
  }
}

/** The error for a code in an answer; `context` in gerund: `writing to orders-3`. */
export function errorOfCode(
  code: number,
  context: string,
  detail?: string | null,
): PassingTrouble | SyncError {
  const found = meanings.get(code) ?? lasting(`error code ${code}`);
  const words = detail ?? found.words;
  const message = `${context}: ${found.name}${words === undefined ? '' : ` (${words})`}`;
  if (code === UNKNOWN_TOPIC_OR_PARTITION) return new PassingTrouble('TOPIC_MISSING', message);
  return found.passing
    ? new PassingTrouble('KAFKA_FAILED', message)
    : new SyncError('KAFKA_FAILED', { message });
}

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1_000;
/** How long a topic that was there, or is about to be, may be unknown to a broker. */
const TOPIC_GRACE_MS = 3_000;

/** How long one caller has borne trouble without a success in between, and for how much longer it does. */
export class Endurance {
  readonly #clock: Clock;
  readonly #limitMs: number;
  /** When it began; null: nothing to bear. */
  #since: number | null = null;
  #missingSince: number | null = null;
  #times = 0;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** Counts the time from now on, before any trouble. */
  begin(): void {
    this.#since = this.#clock.monotonic();
  }

  recover(): void {
    this.#since = null;
    this.#missingSince = null;
    this.#times = 0;
  }

  /** How long to wait before the next try, in ms; throws what the trouble becomes when the time is up. */
  suffer(trouble: PassingTrouble): number {
    const now = this.#clock.monotonic();
    const missing = trouble.becomes === 'TOPIC_MISSING';
    this.#since ??= now;
    this.#missingSince = missing ? (this.#missingSince ?? now) : null;
    const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.#times, 10));
    this.#times += 1;
    const missingFor = this.#missingSince === null ? 0 : now - this.#missingSince;
    if (now + delayMs - this.#since > this.#limitMs || missingFor > TOPIC_GRACE_MS)
      throw trouble.toSyncError();
    return delayMs;
  }
}

export interface Patience {
  readonly clock: Clock;
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Repeats `attempt` over passing troubles; after `withinMs` throws what the last one becomes. */
export async function untilItPasses<T>(patience: Patience, attempt: () => Promise<T>): Promise<T> {
  const { clock, withinMs, signal } = patience;
  const endurance = new Endurance(clock, withinMs);
  endurance.begin();
  for (;;) {
    if (signal?.aborted === true) throw abortReason(signal);
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PassingTrouble)) throw error;
      await clock.sleep(endurance.suffer(error), signal);
    }
  }
}
