// The record log of the completeness simulation: batches per partition, and appends that fail now and then, stored or not.
import type { SinkInbox } from '../../src/worker/sink/sink-inbox.ts';
import type { LogProducer } from '../../src/core/ports/record-log.ts';

interface StoredBatch {
  readonly bytes: Buffer;
  readonly records: number;
  /** Offset of its first record. */
  readonly at: number;
}

/** One append in so many fails. */
const FAILS_IN = 60;

export class SimulatedLog {
  readonly #partitions: StoredBatch[][];
  readonly #ends: number[];
  readonly #random: (below: number) => number;
  readonly #lies: boolean;

  /** `lies`: rows that were lost are acknowledged all the same. */
  constructor(partitions: number, random: (below: number) => number, lies: boolean) {
    this.#partitions = Array.from({ length: partitions }, () => []);
    this.#ends = this.#partitions.map(() => 0);
    this.#random = random;
    this.#lies = lies;
  }

  /** End offset of each partition. */
  ends(): number[] {
    return [...this.#ends];
  }

  producer(): LogProducer {
    return {
      append: (_topic, partition, batch) => {
        const luck = this.#random(FAILS_IN * 2);
        const failure = new Error('no acknowledgement');
        if (luck === 0) return this.#lies ? Promise.resolve() : Promise.reject(failure);
        const at = this.#ends[partition] ?? 0;
        const bytes = Buffer.from(batch.bytes);
        bytes.writeBigInt64BE(BigInt(at), 0);
        this.#partitions[partition]?.push({ bytes, records: batch.records, at });
        this.#ends[partition] = at + batch.records;
        return luck === 1 ? Promise.reject(failure) : Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }

  /** Gives the inbox a few batches from where it stands. */
  feed(inbox: SinkInbox, now: number): void {
    const wanted = inbox.next;
    const batches = this.#partitions[inbox.partition] ?? [];
    const first = batches.findIndex((batch) => batch.at + batch.records > wanted);
    const some = first < 0 ? [] : batches.slice(first, first + 1 + this.#random(4));
    const last = some.at(-1);
    if (last === undefined) return;
    const bytes = Buffer.concat(some.map((batch) => batch.bytes));
    inbox.accept({ partition: inbox.partition, bytes, from: wanted, next: last.at + last.records }, now);
  }
}
