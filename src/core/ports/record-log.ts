// Port: where records lie between source and sink (memory, Kafka).
import type { EncodedBatch } from '../record/record-batch.ts';

/** All methods may throw KAFKA_UNREACHABLE, KAFKA_FAILED, TOPIC_MISSING. */
export interface RecordLog {
  readonly kind: 'memory' | 'kafka';
  /** Creates the topic when missing; an existing one keeps its shape. */
  createTopic(topic: NewTopic): Promise<void>;
  readBatchLimit(topic: string): Promise<BatchLimit>;
  /** Start and end offset per partition, in partition order, and the log's incarnation (a deleted and recreated topic differs). */
  readOffsets(
    topic: string,
  ): Promise<{ readonly incarnation: string; readonly partitions: readonly PartitionRange[] }>;
  openProducer(): Promise<LogProducer>;
  openReader(request: {
    topic: string;
    from: readonly PartitionOffset[];
    signal: AbortSignal;
  }): Promise<LogReader>;
  /** Absent: records lie outside of this process, and go by the rules of who keeps them. */
  readonly holds?: TopicHolds;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Which jobs have a run that needs what a topic holds. */
export interface TopicHolds {
  /** A run of the job begins; before its first record. */
  hold(topic: string, jobId: string): void;
  /** The job's run is over, its tasks are stopped: what was written for runs that are over goes. */
  release(topic: string, jobId: string): void;
}

export interface BatchLimit {
  /** The largest batch the topic takes. */
  readonly bytes: number;
  /** How a larger one is let in, as an order: `raise … of the topic, which is …`. */
  readonly wayOut: string;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  /** The largest batch it takes; absent: the log's own default. */
  readonly maxBatchBytes?: number;
}

export interface PartitionRange {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

export interface PartitionOffset {
  readonly partition: number;
  readonly offset: number;
}

/**
 * Idempotent, acks=all, order per partition kept; a batch is retried for 60 s, then append rejects. A partition whose append
 * rejected takes no further batch of this producer (it would stand behind a gap): open another.
 */
export interface LogProducer {
  /** Resolves when acknowledged. `batch.bytes` may be reused by the caller after that; the log writes into its header. */
  append(topic: string, partition: number, batch: EncodedBatch): Promise<void>;
  /** What is on the way rejects with CANCELLED, stored or not. */
  close(): Promise<void>;
}

export interface LogReader {
  /**
   * Next batches of any of its partitions, at most `maxWaitMs` later; [] when none came. Prefetches at most one answer.
   * Throws LOG_RETENTION when a position lies outside the log, TOPIC_MISSING when the topic went or was made anew, and the
   * reason of the signal once that is aborted. One poll at a time.
   */
  poll(maxWaitMs: number): Promise<readonly FetchedBatches[]>;
  /** Stops fetching these partitions (the writer is behind) until resumed; replaces the last list. */
  setPaused(partitions: readonly number[]): void;
  /** Must be called, also after an abort: what poll gave is no longer read. */
  close(): Promise<void>;
}

/** Whole record batches of one partition, back to back, CRC checked; valid until the reader's next-but-one poll. */
export interface FetchedBatches {
  readonly partition: number;
  readonly bytes: Buffer;
  /** First offset wanted: records before it in the first batch are to be skipped. */
  readonly from: number;
  /** Offset after the last record. */
  readonly next: number;
}
