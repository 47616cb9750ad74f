// All topics of a memory log, and who may take how much of its room.
//
// A topic may hold its share of maxBytes (maxBytes / topics that somebody reads or waits to write to), and always one batch, so
// that no job can stop another. What readers have passed stays until the room is needed: a task that starts again finds it.
// When the runs that hold a topic are over, what was written meanwhile goes. What was written while no run held it – by a connector made
// by hand, whose reader may come later – stays until the room is needed; the topics least recently written give way first.
import { randomUUID } from 'node:crypto';
import { writeBaseOffset } from '../../core/record/batch-header.ts';
import { SyncError } from '../../core/errors.ts';
import type { PartitionRange } from '../../core/ports/record-log.ts';
import type { WaitingAppend } from './memory-topic.ts';
import { MemoryTopic } from './memory-topic.ts';
import { createSharedMemory, REUSED_SIZE_BYTES, viewOf } from './shared-bytes.ts';
import type { SharedMemory } from './shared-bytes.ts';

export class MemoryStore {
  readonly incarnation = randomUUID();
  /** Of batches that were dropped; for those to come. All of it: a run that made its own would wait for the collector of every thread. */
  readonly memory: SharedMemory;
  readonly #maxBytes: number;
  /** Least recently written first. */
  readonly #topics = new Map<string, MemoryTopic>();
  /** Jobs whose runs go, by topic. */
  readonly #holders = new Map<string, Set<string>>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.memory = createSharedMemory(Math.ceil(maxBytes / REUSED_SIZE_BYTES));
  }

  createTopic(name: string, partitions: number): void {
    if (!this.#topics.has(name)) this.#topics.set(name, new MemoryTopic(name, partitions, this.memory));
  }

  topic(name: string): MemoryTopic {
    const found = this.#topics.get(name);
    if (found === undefined)
      throw new SyncError('TOPIC_MISSING', {
        message: `looking for topic ${name}: the memory log has none of that name`,
      });
    return found;
  }

  readRanges(name: string): readonly PartitionRange[] {
    return this.topic(name).partitions.map(({ start, end }, partition) => ({ partition, start, end }));
  }

  hold(name: string, jobId: string): void {
    const holders = this.#holders.get(name) ?? new Set();
    this.#holders.set(name, holders.add(jobId));
  }

  release(name: string, jobId: string): void {
    const holders = this.#holders.get(name);
    holders?.delete(jobId);
    if (holders?.size === 0) this.#holders.delete(name);
    const topic = this.#topics.get(name);
    if (topic !== undefined) this.settle(topic);
  }

  /** Frees what nobody has a use for any more; called when a reader, or the run that held the topic, went. */
  settle(topic: MemoryTopic): void {
    if (topic.active || topic.isUnheld || this.#holders.has(topic.name)) return;
    topic.dropAny(() => true);
  }

  /** Queues the append; it is settled at once when there is room. */
  append(name: string, append: WaitingAppend): void {
    const topic = this.topic(name);
    topic.partition(append.partition);
    topic.waiting.push(append);
    this.#topics.delete(name);
    this.#topics.set(name, topic);
    this.admit(topic);
  }

  /** Takes in waiting appends, oldest first, while there is room; called when a reader moved on or came or went. */
  admit(topic: MemoryTopic): void {
    for (let first = topic.waiting[0]; first !== undefined; first = topic.waiting[0]) {
      if (!this.#makeRoom(topic, first.shared.memory.byteLength)) return;
      topic.waiting.shift();
      const partition = topic.partition(first.partition);
      const base = partition.end;
      topic.isUnheld = !this.#holders.has(topic.name) || (topic.isUnheld && topic.bytes > 0);
      writeBaseOffset(viewOf(first.shared), base);
      topic.store({ shared: first.shared, base, next: base + first.records }, partition);
      first.resolve();
    }
  }

  /** Rejects the waiting appends of one owner. */
  cancel(owner: object, error: SyncError): void {
    for (const topic of this.#topics.values()) {
      const mine = topic.waiting.filter((append) => append.owner === owner);
      if (mine.length === 0) continue;
      topic.waiting = topic.waiting.filter((append) => append.owner !== owner);
      for (const { reject } of mine) reject(error);
      this.admit(topic);
    }
  }

  #makeRoom(topic: MemoryTopic, size: number): boolean {
    const topics = [...this.#topics.values()];
    const share = this.#maxBytes / topics.filter(({ active }) => active).length;
    const overShare = (): boolean => topic.bytes > 0 && topic.bytes + size > share;
    topic.dropPassed(overShare);
    if (overShare()) return false;
    const overAll = (): boolean => topics.reduce((sum, { bytes }) => sum + bytes, size) > this.#maxBytes;
    for (const other of topics) other.dropPassed(overAll);
    for (const other of topics) if (!other.active) other.dropAny(overAll);
    return true;
  }
}
