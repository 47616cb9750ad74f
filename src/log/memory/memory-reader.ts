// Reads a topic of the memory log. A batch is handed out where it lies, and its memory is used again once it was passed: what a
// poll gave is passed at the next but one, or when the reader is closed (not when it is aborted: its user may still be at it).
import { abortReason } from '../../core/clock.ts';
import type { Clock } from '../../core/clock.ts';
import { SyncError } from '../../core/errors.ts';
import type { FetchedBatches, LogReader, PartitionOffset } from '../../core/ports/record-log.ts';
import { Wakeup } from '../../core/waiting/wakeup.ts';
import type { MemoryStore } from './memory-store.ts';
import type { MemoryTopic, TopicReader } from './memory-topic.ts';
import { viewOf } from './shared-bytes.ts';

const PARTITION_BYTES = 1024 * 1024;

interface Position {
  readonly partition: number;
  offset: number;
  /** The offset before the last poll. */
  before: number;
  /** Its user is done with all below. */
  passed: number;
  paused: boolean;
}

export interface MemoryReaderOptions {
  readonly store: MemoryStore;
  readonly clock: Clock;
  readonly topic: string;
  readonly from: readonly PartitionOffset[];
  readonly signal: AbortSignal;
}

export class MemoryReader implements LogReader, TopicReader {
  readonly #store: MemoryStore;
  readonly #clock: Clock;
  readonly #topic: MemoryTopic;
  readonly #positions: readonly Position[];
  readonly #signal: AbortSignal;
  readonly #news = new Wakeup();
  #failure: Error | null = null;
  readonly #onAbort = (): void => this.#fail(abortReason(this.#signal));

  /** Throws TOPIC_MISSING. */
  constructor(options: MemoryReaderOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#topic = options.store.topic(options.topic);
    this.#positions = options.from.map(({ partition, offset }) => {
      this.#topic.partition(partition);
      return { partition, offset, before: offset, passed: offset, paused: false };
    });
    this.#topic.readers.add(this);
    this.#store.admit(this.#topic);
    if (this.#signal.aborted) this.#onAbort();
    else this.#signal.addEventListener('abort', this.#onAbort);
  }

  async poll(maxWaitMs: number): Promise<readonly FetchedBatches[]> {
    for (const position of this.#positions) {
      position.passed = position.before;
      position.before = position.offset;
    }
    this.#store.admit(this.#topic);
    const until = this.#clock.monotonic() + maxWaitMs;
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const found = this.#positions.flatMap((position) => this.#take(position));
      const leftMs = until - this.#clock.monotonic();
      if (found.length > 0 || leftMs <= 0) return found;
      await this.#news.wait(leftMs, this.#clock);
    }
  }

  setPaused(partitions: readonly number[]): void {
    for (const position of this.#positions) position.paused = partitions.includes(position.partition);
    this.#news.wake();
  }

  close(): Promise<void> {
    this.#fail(new SyncError('CANCELLED', { message: `reading ${this.#topic.name}: the reader was closed` }));
    this.#topic.readers.delete(this);
    this.#store.admit(this.#topic);
    this.#store.settle(this.#topic);
    return Promise.resolve();
  }

  passedOf(partition: number): number | null {
    return this.#positions.find((position) => position.partition === partition)?.passed ?? null;
  }

  wake(): void {
    this.#news.wake();
  }

  /** The next batches of one partition, up to a mebibyte but at least one; moves the position. */
  #take(position: Position): FetchedBatches[] {
    if (position.paused) return [];
    const { partition: index } = position;
    const { start, end, batches } = this.#topic.partition(index);
    if (position.offset < start || position.offset > end)
      throw new SyncError('LOG_RETENTION', {
        message: `reading ${this.#topic.name}-${index} from offset ${position.offset}: the log holds [${start}, ${end})`,
      });
    const found: FetchedBatches[] = [];
    let size = 0;
    for (const { shared, next } of batches) {
      if (next <= position.offset) continue;
      if (size > 0 && size + shared.length > PARTITION_BYTES) break;
      found.push({ partition: index, bytes: viewOf(shared), from: position.offset, next });
      position.offset = next;
      size += shared.length;
    }
    return found;
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#news.wake();
  }
}
