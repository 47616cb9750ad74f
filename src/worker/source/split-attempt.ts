// One reading of one split: BEGIN (in the log before a row is read), its rows in order to one partition, and, when all are acknowledged,
// END.
import { CONTROL_KEY, HEADER } from '../../core/record/headers.ts';
import type { BeginControl, DirtyRow, EndControl, KeysControl } from '../../core/record/headers.ts';
import type { KeyClaim } from '../../core/connector/sink-store.ts';
import type { BufferPool } from '../../core/record/buffer-pool.ts';
import type { RowOutput } from '../../core/connector/contract.ts';
import { SyncError } from '../../core/errors.ts';
import type { BatchLimit, LogProducer } from '../../core/ports/record-log.ts';
import { MAX_HEX_BYTES, printBytes } from '../../core/record/refused-row.ts';
import { MAX_BATCH_BYTES } from '../../core/record/record-batch.ts';
import { createBatchBuilder } from '../../core/record/batch-builder.ts';
import type { EncodedBatch } from '../../core/record/record-batch.ts';
import type { BatchBuilder } from '../../core/record/batch-builder.ts';
import { ByteWriter } from '../../core/record/row-format.ts';
import { writeKey } from '../../core/record/row-key.ts';
import { distinctTexts } from '../../core/text.ts';
import type { Text } from '../../core/text.ts';
import type { ValueEncoder } from '../converters/converter.ts';
import { markedHeaders, rowHeaders } from './run-headers.ts';
import type { HeaderList } from './run-headers.ts';

/** What a batch of one record has around its key, value and headers, generously. */
const FRAMING_BYTES = 512;
/** Batches of one split that may be unacknowledged: enough to keep the log busy, little enough to keep memory flat. */
const MAX_IN_FLIGHT = 4;

/** Shared by all attempts of a run in this process. */
export interface RunCounters {
  /** Index of the last row sent, the contract's `currentIndex`. */
  currentIndex: number;
  read: number;
  filtered: number;
  emitted: number;
  nulled: number;
  readonly filteredBy: TextCounts;
  readonly remarks: TextCounts;
}

/** How often each was said, by its English words. */
export type TextCounts = Map<string, { readonly said: Text; times: number }>;

export function newCounters(): RunCounters {
  return {
    currentIndex: 0,
    read: 0,
    filtered: 0,
    emitted: 0,
    nulled: 0,
    filteredBy: new Map(),
    remarks: new Map(),
  };
}

export interface AttemptOptions {
  readonly producer: LogProducer;
  readonly topic: string;
  readonly batchLimit: BatchLimit;
  readonly partition: number;
  readonly taskId: string;
  readonly predictedTotal: string;
  readonly begin: BeginControl;
  /** null: values go as they are. */
  readonly encoder: ValueEncoder | null;
  /** false: no control records (towards a sink that is not ours). */
  readonly control: boolean;
  /** Memory of the batches, shared by the run's attempts. */
  readonly pool: BufferPool;
  /** Most rows in one batch. */
  readonly batchRows: number;
  readonly counters: RunCounters;
  readonly now: () => number;
}

export class SplitAttempt implements RowOutput {
  readonly #options: AttemptOptions;
  readonly #headers: HeaderList;
  readonly #builder: BatchBuilder;
  readonly #encoded = new ByteWriter();
  /** Key and value of a row that the topic takes. */
  readonly #largest: number;
  #inFlight = 0;
  #room: (() => void) | null = null;
  #failure: Error | null = null;
  /** Without control records the last row waits here until it is known whether it is the run's last. */
  #held: { bytes: Uint8Array; keyEnd: number } | null = null;
  read = 0;
  filteredRows = 0;
  emitted = 0;
  nulledCells = 0;
  #doubts: readonly Text[] = [];

  constructor(options: AttemptOptions) {
    const { begin, taskId, predictedTotal } = options;
    this.#options = options;
    this.#headers = rowHeaders({ taskId, predictedTotal, split: `${begin.split}.${begin.attempt}` });
    const headerBytes = this.#headers.reduce((sum, [name, value]) => sum + name.length + value.length * 4, 0);
    this.#largest = options.batchLimit.bytes - headerBytes - FRAMING_BYTES;
    this.#builder = createBatchBuilder({
      maxBytes: Math.min(MAX_BATCH_BYTES, options.batchLimit.bytes),
      constantHeaders: this.#headers,
      pool: options.pool,
      now: options.now,
    });
  }

  /**
   * Resolves when the BEGIN is in the log: only then may rows be read. A task that falls asleep between reading and sending would
   * else set its attempt, and older rows, over those of the task that took its place.
   */
  async begin(): Promise<void> {
    if (this.#options.control) this.#control('begin', this.#options.begin, false);
    await this.acknowledged();
  }

  row(bytes: Uint8Array, keyEnd: number, end: number): void {
    const { encoder } = this.#options;
    if (encoder === null) {
      this.#put(bytes, keyEnd, end);
      return;
    }
    const out = this.#encoded;
    out.length = 0;
    out.ensure(keyEnd);
    out.bytes.set(bytes.subarray(0, keyEnd), 0);
    out.length = keyEnd;
    try {
      encoder.encode({ bytes, start: keyEnd, end }, out);
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'ROW_INVALID') throw error;
      const { message: reason, field = '' } = error;
      this.#refuse(bytes.subarray(0, keyEnd), bytes.subarray(keyEnd, end), { reason, field });
      return;
    }
    this.#put(out.bytes, keyEnd, out.length);
  }

  #put(bytes: Uint8Array, keyEnd: number, end: number): void {
    if (end > this.#largest) {
      this.#refuseSize(bytes.subarray(0, keyEnd), bytes.subarray(keyEnd, end));
      return;
    }
    this.#count();
    this.#appendOrHold(bytes, keyEnd, end);
  }

  #refuseSize(key: Uint8Array, value: Uint8Array): void {
    const { topic, batchLimit } = this.#options;
    const size = key.length + value.length;
    const reason = `the row has ${size} bytes, more than topic ${topic} takes; ${batchLimit.wayOut}`;
    this.#refuse(key, value, { reason, field: '' });
  }

  /** A row that can't be sent is dirty. */
  #refuse(key: Uint8Array, value: Uint8Array, why: { reason: string; field: string }): void {
    const bytesHex = Buffer.from(value.subarray(0, MAX_HEX_BYTES)).toString('hex');
    this.dirty(key, { key: printBytes(key), ...why, bytesHex });
  }

  /** A sink that isn't ours can put no row aside: it would store the marker as a row. */
  dirty(key: Uint8Array, row: DirtyRow): void {
    if (!this.#options.control)
      throw new SyncError('DIRTY_LIMIT', {
        message: `row ${row.key}${row.field === '' ? '' : `, field ${row.field}`}: ${row.reason}; a sink that is not Syncline's has nowhere to put it aside`,
      });
    this.#count();
    this.#options.counters.currentIndex += 1;
    this.#appendMarked({
      key,
      value: Buffer.from(JSON.stringify(row)),
      headers: markedHeaders(this.#headers, {
        currentIndex: this.#options.counters.currentIndex,
        isEnd: false,
        mark: [HEADER.dirty, 'true'],
      }),
    });
  }

  deleted(bytes: Uint8Array, keyEnd: number, end: number): void {
    const row = Buffer.from(bytes.subarray(keyEnd, end)).toString('base64');
    if (keyEnd + row.length > this.#largest) {
      this.#refuseSize(bytes.subarray(0, keyEnd), bytes.subarray(keyEnd, end));
      return;
    }
    this.#count();
    this.#options.counters.currentIndex += 1;
    this.#appendMarked({
      key: bytes.subarray(0, keyEnd),
      value: null,
      headers: markedHeaders(this.#headers, {
        currentIndex: this.#options.counters.currentIndex,
        isEnd: false,
        mark: [HEADER.deleted, row],
      }),
    });
  }

  /** Only a sink of ours can compare keys. */
  claimed({ from, until, keys }: KeyClaim): void {
    const { begin, control, counters } = this.#options;
    if (!control) return;
    const head: KeysControl = {
      split: begin.split,
      attempt: begin.attempt,
      from: from === null ? null : writeKey(from),
      until: until === null ? null : writeKey(until),
      keys: keys.rows,
    };
    this.#appendMarked({
      key: Buffer.from(CONTROL_KEY),
      value: Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), keys.bytes]),
      headers: markedHeaders(this.#headers, {
        currentIndex: Math.max(1, counters.currentIndex),
        isEnd: false,
        mark: [HEADER.control, 'keys'],
      }),
    });
  }

  filtered(reason: Text): void {
    const { counters } = this.#options;
    this.read += 1;
    this.filteredRows += 1;
    counters.read += 1;
    counters.filtered += 1;
    count(counters.filteredBy, reason);
  }

  nulled(field: string): void {
    this.nulledCells += 1;
    this.#options.counters.nulled += 1;
    this.remarked({
      en: `cells of ${field} that did not fit, written as NULL`,
      zh: `${field} 中不符合类型、写为 NULL 的单元格`,
    });
  }

  remarked(remark: Text): void {
    count(this.#options.counters.remarks, remark);
  }

  doubted(doubt: Text): void {
    this.#doubts = distinctTexts([...this.#doubts, doubt]);
  }

  async drained(): Promise<void> {
    while (this.#inFlight > MAX_IN_FLIGHT && this.#failure === null) await this.#roomMade();
    if (this.#failure !== null) throw this.#failure;
  }

  /** All sends acknowledged: only then may END be sent. */
  async acknowledged(): Promise<void> {
    this.#send(this.#builder.take());
    while (this.#inFlight > 0 && this.#failure === null) await this.#roomMade();
    if (this.#failure !== null) throw this.#failure;
  }

  get holdsRow(): boolean {
    return this.#held !== null;
  }

  /** Sends the row held back, with the given isEnd; resolves when it is acknowledged. */
  async sendHeld(isEnd: boolean): Promise<void> {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    this.#options.counters.currentIndex += 1;
    const { currentIndex } = this.#options.counters;
    this.#appendMarked({
      key: held.bytes.subarray(0, held.keyEnd),
      value: held.bytes.subarray(held.keyEnd),
      headers: markedHeaders(this.#headers, { currentIndex, isEnd, mark: null }),
    });
    await this.acknowledged();
  }

  /** Resolves when the END is acknowledged. */
  async end(isEnd: boolean): Promise<void> {
    const { begin } = this.#options;
    const end: EndControl = {
      plan: begin.plan,
      split: begin.split,
      attempt: begin.attempt,
      read: this.read,
      filtered: this.filteredRows,
      emitted: this.emitted,
      nulled: this.nulledCells,
      doubts: this.#doubts,
    };
    this.#control('end', end, isEnd);
    await this.acknowledged();
  }

  #count(): void {
    const { counters } = this.#options;
    this.read += 1;
    this.emitted += 1;
    counters.read += 1;
    counters.emitted += 1;
  }

  #appendOrHold(bytes: Uint8Array, keyEnd: number, end: number): void {
    if (this.#options.control) {
      this.#append(bytes, keyEnd, end);
      return;
    }
    const held = this.#held;
    this.#held = { bytes: Uint8Array.from(bytes.subarray(0, end)), keyEnd };
    if (held !== null) this.#append(held.bytes, held.keyEnd, held.bytes.length);
  }

  #append(bytes: Uint8Array, keyEnd: number, end: number): void {
    this.#options.counters.currentIndex += 1;
    const index = this.#options.counters.currentIndex;
    const full = this.#builder.records >= this.#options.batchRows;
    if (!full && this.#builder.appendRow(bytes, keyEnd, end, index)) return;
    this.#send(this.#builder.take());
    this.#builder.appendRow(bytes, keyEnd, end, index);
  }

  /** A control record has the index of the row beside it: the next one for BEGIN, the last one for END. */
  #control(kind: 'begin' | 'end', value: BeginControl | EndControl, isEnd: boolean): void {
    const last = this.#options.counters.currentIndex;
    this.#appendMarked({
      key: Buffer.from(CONTROL_KEY),
      value: Buffer.from(JSON.stringify(value)),
      headers: markedHeaders(this.#headers, {
        currentIndex: kind === 'begin' ? last + 1 : Math.max(1, last),
        isEnd,
        mark: [HEADER.control, kind],
      }),
    });
  }

  #appendMarked(record: { key: Uint8Array; value: Uint8Array | null; headers: HeaderList }): void {
    if (this.#builder.append(record)) return;
    this.#send(this.#builder.take());
    this.#builder.append(record);
  }

  #send(batch: EncodedBatch | null): void {
    if (batch === null || this.#failure !== null) return;
    const { producer, topic, partition } = this.#options;
    this.#inFlight += 1;
    producer
      .append(topic, partition, batch)
      .then(
        () => this.#builder.release(batch),
        (error: unknown) => {
          this.#failure ??= error instanceof Error ? error : new Error(String(error));
        },
      )
      .finally(() => {
        this.#inFlight -= 1;
        this.#room?.();
      });
  }

  #roomMade(): Promise<void> {
    return new Promise((resolve) => {
      this.#room = () => {
        this.#room = null;
        resolve();
      };
    });
  }
}

function count(counts: TextCounts, said: Text): void {
  const known = counts.get(said.en);
  if (known === undefined) counts.set(said.en, { said, times: 1 });
  else known.times += 1;
}
