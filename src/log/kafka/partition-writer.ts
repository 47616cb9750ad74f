// Writes batches to one partition: in order, each exactly once, up to four on the way.
//
//   idle ─append─► connecting ─leader found─► sending ─all acknowledged─► (sending, nothing to do)
//                      ▲                         │ a passing trouble: nothing more is sent until all answers are in
//                      └──── after a delay ──────┘
//   sending ─a batch is too large─► (nothing is sent; how large it may be is asked) ─► failed
//   any ─lasting error, no progress for retryForMs, close─► failed: every append rejects
//
// A batch keeps the sequence it got when it was first sent; sent again, the broker recognises what it has already stored.
import { stampProducer } from '../../core/record/batch-header.ts';
import type { EncodedBatch } from '../../core/record/record-batch.ts';
import { toSyncError } from '../../core/errors.ts';
import type { SyncError } from '../../core/errors.ts';
import type { BatchLimit } from '../../core/ports/record-log.ts';
import type { Clock } from '../../core/clock.ts';
import { fillCrc } from '../batch-crc.ts';
import type { BrokerConnection } from './broker-connection.ts';
import {
  DUPLICATE_SEQUENCE,
  Endurance,
  errorOfCode,
  MESSAGE_TOO_LARGE,
  NONE,
  OUT_OF_ORDER_SEQUENCE,
  PassingTrouble,
} from './kafka-trouble.ts';
import { tooLarge } from './too-large.ts';
import type { TopicLeaders } from './topic-leaders.ts';
import type { ProducerIdentity } from './wire/init-producer-id.ts';
import { produce } from './wire/produce.ts';

/**
 * The broker recognises a repeat among the last five batches of a producer. So the newest batch sent is never further than this
 * from the oldest that is not acknowledged, even when those between them are.
 */
const WINDOW = 4;
const ACK_TIMEOUT_MS = 10_000;
const SEQUENCES = 0x8000_0000;

interface PendingBatch {
  readonly batch: EncodedBatch;
  /** Counts the appends. */
  readonly index: number;
  stamped: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface PartitionWriterOptions {
  readonly leaders: TopicLeaders;
  readonly partition: number;
  readonly identity: ProducerIdentity;
  /** Asked when a broker refuses a batch for its size. */
  readonly readLimit: () => Promise<BatchLimit>;
  readonly clock: Clock;
  /** Without progress for so long every append rejects. */
  readonly retryForMs: number;
}

export class PartitionWriter {
  readonly #options: PartitionWriterOptions;
  readonly #name: string;
  readonly #stopped = new AbortController();
  /** Not acknowledged, in order; the first `#inFlight` are on the way (while there is no trouble). */
  readonly #pending: PendingBatch[] = [];
  #inFlight = 0;
  #appends = 0;
  #sequence = 0;
  #connection: BrokerConnection | null = null;
  #connecting = false;
  #trouble: PassingTrouble | null = null;
  readonly #endurance: Endurance;
  /** A batch was too large; nothing more is sent while the reason is put into words. */
  #refused = false;
  #failure: SyncError | null = null;

  constructor(options: PartitionWriterOptions) {
    this.#options = options;
    this.#endurance = new Endurance(options.clock, options.retryForMs);
    this.#name = `writing to ${options.leaders.topic}-${options.partition}`;
  }

  append(batch: EncodedBatch): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending.push({ batch, index: this.#appends, stamped: false, resolve, reject });
      this.#appends += 1;
      this.#proceed();
    });
  }

  /** Every pending append rejects with `error`, and every later one. */
  fail(error: SyncError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#stopped.abort(error);
    for (const { reject } of this.#pending.splice(0)) reject(error);
  }

  #proceed(): void {
    if (this.#failure !== null || this.#refused || this.#connecting || this.#pending.length === 0) return;
    if (this.#trouble !== null || this.#connection === null) {
      if (this.#inFlight === 0) void this.#connect();
      return;
    }
    const oldest = this.#pending[0]?.index ?? 0;
    for (
      let entry = this.#pending[this.#inFlight];
      entry !== undefined;
      entry = this.#pending[this.#inFlight]
    ) {
      if (entry.index - oldest >= WINDOW) return;
      this.#send(this.#connection, entry);
    }
  }

  async #connect(): Promise<void> {
    this.#connecting = true;
    try {
      this.#connection = await this.#findLeader();
      this.#trouble = null;
    } catch (error) {
      this.fail(toSyncError(error, 'KAFKA_FAILED'));
    }
    this.#connecting = false;
    this.#proceed();
  }

  /** Throws when trouble lasts for too long, or the writer failed meanwhile. */
  async #findLeader(): Promise<BrokerConnection> {
    const { leaders, partition, clock } = this.#options;
    for (;;) {
      if (this.#trouble !== null) {
        leaders.forget();
        await clock.sleep(this.#endurance.suffer(this.#trouble), this.#stopped.signal);
      }
      try {
        return await leaders.connect(partition);
      } catch (error) {
        if (!(error instanceof PassingTrouble)) throw error;
        this.#trouble = error;
      }
    }
  }

  #send(connection: BrokerConnection, entry: PendingBatch): void {
    this.#inFlight += 1;
    if (!entry.stamped) this.#stamp(entry);
    const { leaders, partition } = this.#options;
    const batch = entry.batch.bytes;
    connection.call(produce({ topic: leaders.topic, partition, batch, timeoutMs: ACK_TIMEOUT_MS })).then(
      (code) => this.#onAnswer(entry, code),
      (error: unknown) => this.#onError(error),
    );
  }

  #stamp(entry: PendingBatch): void {
    const { producerId, producerEpoch } = this.#options.identity;
    stampProducer(entry.batch.bytes, { producerId, producerEpoch, sequence: this.#sequence });
    fillCrc(entry.batch.bytes);
    entry.stamped = true;
    this.#sequence = (this.#sequence + entry.batch.records) % SEQUENCES;
  }

  #onAnswer(entry: PendingBatch, code: number): void {
    if (code === MESSAGE_TOO_LARGE) {
      void this.#refuse(entry.batch.bytes);
      return;
    }
    if (code !== NONE && code !== DUPLICATE_SEQUENCE) {
      // Out of order because a batch in front of it failed, which is sent again first.
      const follows =
        code === OUT_OF_ORDER_SEQUENCE && (this.#trouble !== null || entry !== this.#pending[0]);
      const error = errorOfCode(code, this.#name);
      this.#onError(follows ? (this.#trouble ?? new PassingTrouble('KAFKA_FAILED', error.message)) : error);
      return;
    }
    this.#inFlight -= 1;
    const at = this.#pending.indexOf(entry);
    if (at === -1) return;
    this.#pending.splice(at, 1);
    this.#endurance.recover();
    entry.resolve();
    this.#proceed();
  }

  async #refuse(batch: Buffer): Promise<void> {
    this.#refused = true;
    const limit = await this.#options.readLimit().catch(() => null);
    this.fail(tooLarge(this.#name, batch, limit));
  }

  #onError(error: unknown): void {
    if (this.#refused) return;
    this.#inFlight -= 1;
    if (error instanceof PassingTrouble) this.#trouble ??= error;
    else this.fail(toSyncError(error, 'KAFKA_FAILED'));
    this.#proceed();
  }
}
