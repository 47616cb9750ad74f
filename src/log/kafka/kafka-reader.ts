// Reads partitions of one topic from given offsets: per broker at most one request on the way or one answer not yet taken.
//
//   partition: idle ─no answer of its broker outstanding, not paused─► asked ─answer─► ready ─poll─► idle (position moved)
//                └──◄── a passing trouble: leaders are looked up anew, after a delay ──┘
//   any ─lasting error, trouble for retryForMs, abort─► failed: every poll rejects
import { abortReason } from '../../core/clock.ts';
import { SyncError, toSyncError } from '../../core/errors.ts';
import type { BufferPool } from '../../core/record/buffer-pool.ts';
import type { FetchedBatches, LogReader, PartitionOffset } from '../../core/ports/record-log.ts';
import { checkBatches } from '../batch-crc.ts';
import { Wakeup } from '../../core/waiting/wakeup.ts';
import type { Cluster } from './cluster.ts';
import { OPEN_WITHIN_MS } from './cluster.ts';
import {
  Endurance,
  errorOfCode,
  NONE,
  OFFSET_OUT_OF_RANGE,
  PassingTrouble,
  untilItPasses,
} from './kafka-trouble.ts';
import { leaderIn, TopicLeaders } from './topic-leaders.ts';
import { readTopicOffsets } from './topic-offsets.ts';
import type { FetchAnswer, FetchedPartition } from './wire/fetch.ts';
import { fetchBatches } from './wire/fetch.ts';

const PARTITION_BYTES = 1024 * 1024;
const ANSWER_BYTES = 8 * 1024 * 1024;
const LONG_POLL_MS = 500;

export interface KafkaReaderOptions {
  /** The reader's own; closed with it. */
  readonly cluster: Cluster;
  /** What the cluster's answers are allocated from. */
  readonly pool: BufferPool;
  readonly topic: string;
  readonly from: readonly PartitionOffset[];
  readonly signal: AbortSignal;
  /** A partition in trouble for so long ends the reader. */
  readonly retryForMs: number;
}

/** Resolves when the topic is found; throws TOPIC_MISSING, KAFKA_UNREACHABLE. */
export async function openKafkaReader(options: KafkaReaderOptions): Promise<LogReader> {
  const { cluster, topic, signal } = options;
  const leaders = new TopicLeaders(cluster, topic);
  await untilItPasses({ clock: cluster.clock, withinMs: OPEN_WITHIN_MS, signal }, () => leaders.read());
  return new KafkaReader(options, leaders);
}

/** Where the reader stands in one partition. */
interface Position {
  readonly partition: number;
  /** The next offset wanted; moves when a batch is delivered. */
  offset: number;
  paused: boolean;
  /** Asked for, and the answer not yet taken. */
  outstanding: boolean;
  /** Not to be asked for before this, ms. */
  retryAt: number;
  readonly endurance: Endurance;
}

interface ReadyAnswer {
  readonly node: number;
  readonly positions: readonly Position[];
  readonly frame: Buffer;
  readonly batches: readonly FetchedBatches[];
}

class KafkaReader implements LogReader {
  readonly #options: KafkaReaderOptions;
  readonly #onAbort = (): void => this.#fail(abortReason(this.#options.signal));
  readonly #leaders: TopicLeaders;
  readonly #positions: Position[];
  readonly #news = new Wakeup();
  /** Brokers with a request on the way or an answer in `#ready`. */
  readonly #busy = new Set<number>();
  readonly #ready: ReadyAnswer[] = [];
  /** Frames of what the last polls returned, oldest first; null for a poll without any. */
  readonly #lent: (Buffer | null)[] = [];
  #asking = false;
  #failure: Error | null = null;

  constructor(options: KafkaReaderOptions, leaders: TopicLeaders) {
    this.#options = options;
    this.#leaders = leaders;
    const { signal, cluster, retryForMs } = options;
    this.#positions = options.from.map(({ partition, offset }) => ({
      partition,
      offset,
      paused: false,
      outstanding: false,
      retryAt: 0,
      endurance: new Endurance(cluster.clock, retryForMs),
    }));
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort);
  }

  async poll(maxWaitMs: number): Promise<readonly FetchedBatches[]> {
    this.#recycle();
    const { clock } = this.#options.cluster;
    const until = clock.monotonic() + maxWaitMs;
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const answer = this.#ready.shift();
      if (answer !== undefined) return this.#deliver(answer);
      void this.#ask();
      const leftMs = until - clock.monotonic();
      if (leftMs <= 0) break;
      await this.#news.wait(leftMs, clock);
    }
    this.#lent.push(null);
    return [];
  }

  setPaused(partitions: readonly number[]): void {
    for (const position of this.#positions) position.paused = partitions.includes(position.partition);
    this.#news.wake();
  }

  close(): Promise<void> {
    this.#fail(new SyncError('CANCELLED', { message: 'reading from Kafka: the reader was closed' }));
    return Promise.resolve();
  }

  /** What was returned two polls ago is free again. */
  #recycle(): void {
    if (this.#lent.length < 2) return;
    const frame = this.#lent.shift();
    if (frame !== null && frame !== undefined) this.#options.pool.give(frame);
  }

  #deliver(answer: ReadyAnswer): readonly FetchedBatches[] {
    this.#endRequest(answer.node, answer.positions);
    this.#lent.push(answer.frame);
    const delivered = answer.batches.filter((batches) => {
      const position = answer.positions.find(({ partition }) => partition === batches.partition);
      // Paused since it was asked for: it is fetched again after the pause.
      if (position === undefined || position.paused) return false;
      position.offset = batches.next;
      return true;
    });
    void this.#ask();
    return delivered;
  }

  /** Sends a request to every broker that has none and leads partitions that want one. */
  async #ask(): Promise<void> {
    if (this.#asking || this.#failure !== null) return;
    const now = this.#options.cluster.clock.monotonic();
    const wanted = this.#positions.filter((p) => !p.paused && !p.outstanding && p.retryAt <= now);
    if (wanted.length === 0) return;
    // A broker fills an answer in the order asked: who goes first changes, so that large batches starve nobody.
    this.#positions.push(...this.#positions.splice(0, 1));
    this.#asking = true;
    try {
      const topic = await this.#leaders.read();
      const byNode = new Map<number, Position[]>();
      for (const position of wanted) {
        const node = leaderIn(topic, position.partition);
        byNode.set(node, [...(byNode.get(node) ?? []), position]);
      }
      for (const [node, positions] of byNode) if (!this.#busy.has(node)) void this.#fetch(node, positions);
    } catch (error) {
      this.#suffer(wanted, error);
    }
    this.#asking = false;
  }

  async #fetch(node: number, positions: readonly Position[]): Promise<void> {
    this.#busy.add(node);
    for (const position of positions) position.outstanding = true;
    try {
      const answer = await this.#request(node, positions);
      const batches = await this.#examine(answer, positions);
      if (batches.length > 0) this.#ready.push({ node, positions, frame: answer.frame, batches });
      else {
        this.#options.pool.give(answer.frame);
        this.#endRequest(node, positions);
      }
    } catch (error) {
      this.#endRequest(node, positions);
      this.#suffer(positions, error);
    }
    this.#news.wake();
  }

  #endRequest(node: number, positions: readonly Position[]): void {
    this.#busy.delete(node);
    for (const position of positions) position.outstanding = false;
  }

  async #request(node: number, positions: readonly Position[]): Promise<FetchAnswer> {
    const { cluster, topic } = this.#options;
    const connection = await cluster.connect(node);
    const answer = await connection.call(
      fetchBatches({
        topic,
        positions,
        maxWaitMs: LONG_POLL_MS,
        maxBytes: ANSWER_BYTES,
        partitionMaxBytes: PARTITION_BYTES,
      }),
    );
    if (answer.error !== NONE) throw errorOfCode(answer.error, `reading ${topic}`);
    return answer;
  }

  /** The whole batches of an answer, checked; partitions in trouble are put off. Throws what lasts. */
  async #examine(answer: FetchAnswer, positions: readonly Position[]): Promise<FetchedBatches[]> {
    const found: FetchedBatches[] = [];
    for (const fetched of answer.partitions) {
      const position = positions.find(({ partition }) => partition === fetched.partition);
      if (position === undefined) continue;
      if (fetched.error === NONE) {
        position.endurance.recover();
        const batches = this.#cut(fetched, position);
        if (batches !== null) found.push(batches);
      } else if (fetched.error === OFFSET_OUT_OF_RANGE) throw await this.#explainRange(position);
      else this.#suffer([position], errorOfCode(fetched.error, this.#nameOf(position)));
    }
    return found;
  }

  #cut(fetched: FetchedPartition, position: Position): FetchedBatches | null {
    if (fetched.batches === null || fetched.batches.length === 0) return null;
    const { end, next } = checkBatches(fetched.batches, `${this.#options.topic}-${position.partition}`);
    if (next <= position.offset) return null;
    const bytes = fetched.batches.subarray(0, end);
    return { partition: position.partition, bytes, from: position.offset, next };
  }

  async #explainRange(position: Position): Promise<Error> {
    const { cluster, topic } = this.#options;
    this.#leaders.forget();
    await this.#leaders.read();
    const { partitions } = await readTopicOffsets(cluster, topic);
    const range = partitions.find(({ partition }) => partition === position.partition);
    const held = `[${range?.start ?? '?'}, ${range?.end ?? '?'})`;
    return new SyncError('LOG_RETENTION', {
      message: `${this.#nameOf(position)} from offset ${position.offset}: the log holds ${held}`,
    });
  }

  #suffer(positions: readonly Position[], error: unknown): void {
    if (this.#failure !== null) return;
    const { clock } = this.#options.cluster;
    try {
      if (!(error instanceof PassingTrouble)) throw error;
      this.#leaders.forget();
      for (const position of positions) {
        const delayMs = position.endurance.suffer(error);
        position.retryAt = clock.monotonic() + delayMs;
        void this.#wakeAfter(delayMs);
      }
    } catch (lasting) {
      this.#fail(toSyncError(lasting, 'KAFKA_FAILED'));
    }
  }

  async #wakeAfter(delayMs: number): Promise<void> {
    await this.#options.cluster.clock.sleep(delayMs, this.#options.signal).catch(() => undefined);
    this.#news.wake();
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#options.cluster.close();
    this.#news.wake();
  }

  #nameOf(position: Position): string {
    return `reading ${this.#options.topic}-${position.partition}`;
  }
}
