// One topic in memory: its partitions' batches in order, the appends that wait for room, and who reads it.
import { SyncError } from '../../core/errors.ts';
import type { SharedBytes, SharedMemory } from './shared-bytes.ts';

/** A whole record batch, base offset filled in; shared, so that threads read it where it lies. */
export interface StoredBatch {
  readonly shared: SharedBytes;
  readonly base: number;
  readonly next: number;
}

export interface MemoryPartition {
  /** Offset of the first batch held; the end when none is. */
  start: number;
  end: number;
  readonly batches: StoredBatch[];
}

export interface WaitingAppend {
  readonly owner: object;
  readonly partition: number;
  readonly shared: SharedBytes;
  readonly records: number;
  readonly resolve: () => void;
  readonly reject: (error: SyncError) => void;
}

/** What a topic must know of a reader. */
export interface TopicReader {
  /** Offset below which it needs nothing of the partition any more; null: it does not read it. */
  passedOf(partition: number): number | null;
  wake(): void;
}

export class MemoryTopic {
  readonly name: string;
  readonly partitions: readonly MemoryPartition[];
  readonly readers = new Set<TopicReader>();
  /** In order of arrival. */
  waiting: WaitingAppend[] = [];
  /** Memory held, which may be more than the batches' lengths. */
  bytes = 0;
  /** Some of it was written while no run held the topic. */
  isUnheld = false;
  readonly #memory: SharedMemory;

  /** `memory` gets back what is dropped. */
  constructor(name: string, partitions: number, memory: SharedMemory) {
    this.name = name;
    this.#memory = memory;
    this.partitions = Array.from({ length: partitions }, () => ({ start: 0, end: 0, batches: [] }));
  }

  /** Somebody reads it, or waits to write: its data has a future. */
  get active(): boolean {
    return this.readers.size > 0 || this.waiting.length > 0;
  }

  partition(index: number): MemoryPartition {
    const found = this.partitions[index];
    if (found === undefined)
      throw new SyncError('KAFKA_FAILED', {
        message: `looking for ${this.name}-${index}: no such partition`,
      });
    return found;
  }

  store(batch: StoredBatch, partition: MemoryPartition): void {
    partition.batches.push(batch);
    partition.end = batch.next;
    this.bytes += batch.shared.memory.byteLength;
    for (const reader of this.readers) reader.wake();
  }

  /** Drops what all readers have passed, oldest first, while `needed` says so. Without readers nothing is passed. */
  dropPassed(needed: () => boolean): void {
    this.partitions.forEach((partition, index) => {
      const passed = this.#passedByAll(index);
      while (needed() && (partition.batches[0]?.next ?? Infinity) <= passed) this.#dropFirst(partition);
    });
  }

  /** Drops batches whether they were read or not. */
  dropAny(needed: () => boolean): void {
    for (const partition of this.partitions)
      while (needed() && partition.batches.length > 0) this.#dropFirst(partition);
  }

  #passedByAll(index: number): number {
    const passed = [...this.readers]
      .map((reader) => reader.passedOf(index))
      .filter((offset) => offset !== null);
    return passed.length === 0 ? -1 : Math.min(...passed);
  }

  #dropFirst(partition: MemoryPartition): void {
    const dropped = partition.batches.shift();
    if (dropped === undefined) return;
    partition.start = dropped.next;
    this.bytes -= dropped.shared.memory.byteLength;
    this.#memory.give(dropped.shared.memory);
  }
}
