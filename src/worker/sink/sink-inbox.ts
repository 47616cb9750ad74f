// Turns fetched record batches of one partition into units: what one transaction applies, in log order.
//
//   partition = *( BEGIN *( row / dirty / tombstone / KEYS ) [ END ] )      ; attempts of several splits, one after another or interleaved
import { KEY } from '../../core/connector/keys.ts';
import { SyncError } from '../../core/errors.ts';
import { HEADER } from '../../core/record/headers.ts';
import type { BeginControl, DirtyRow, EndControl } from '../../core/record/headers.ts';
import type { BufferPool } from '../../core/record/buffer-pool.ts';
import type { FetchedBatches } from '../../core/ports/record-log.ts';
import { MAX_HEX_BYTES, printBytes } from '../../core/record/refused-row.ts';
import { createRecordCursor } from '../../core/record/record-cursor.ts';
import type { RecordCursor } from '../../core/record/record-cursor.ts';
import type { KeyClaim, RowBatch } from '../../core/connector/sink-store.ts';
import type { ValueDecoder } from '../converters/converter.ts';
import { readControl, readDirtyRow, readKeys, readRecord, readTaskId } from './read-record.ts';
import type { RecordOf } from './read-record.ts';

export type Segment =
  | { readonly kind: 'begin'; readonly begin: BeginControl }
  | { readonly kind: 'end'; readonly end: EndControl }
  /** `deletes`: of each row only the key's fields are set. */
  | {
      readonly kind: 'rows' | 'deletes';
      readonly split: number;
      readonly attempt: string;
      readonly batch: RowBatch;
    }
  | { readonly kind: 'keys'; readonly split: number; readonly attempt: string; readonly claim: KeyClaim }
  | { readonly kind: 'dirty'; readonly split: number; readonly attempt: string; readonly row: DirtyRow };

/** Offsets [from, to) of one partition, to be applied in one transaction. */
export interface Unit {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly segments: readonly Segment[];
  readonly rows: number;
  /** Records of other task ids. */
  readonly skipped: number;
  readonly hasControl: boolean;
  /** Memory of all its rows; null when it has none. */
  readonly memory: Buffer | null;
}

/** Memory of a unit's rows. */
export const UNIT_BYTES = 4 * 1024 * 1024;
/** Four keys count as one row: comparing is about four times cheaper than writing. */
const KEYS_PER_ROW = 4;
const LF = 0x0a;

export interface InboxOptions {
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
  readonly taskId: string;
  /** Records of other task ids are other runs', and left to them; false where the user named no task id. */
  readonly passesOthers: boolean;
  /** Most rows of a unit. */
  readonly maxRows: number;
  /** Decoder of the plan's rows; null until a BEGIN (here or in the ledger) told the schema. */
  readonly decoder: () => ValueDecoder | null;
  readonly onBegin: (begin: BeginControl) => void;
  /** Rows of one timestamp make a batch of their own, which bears it. */
  readonly byTimestamp?: boolean;
  /** Memory of units; its smallest buffer is what a unit holds unless one row is larger. */
  readonly pool: BufferPool;
}

/** Rows of one attempt, [start, …) of the open unit's memory. */
interface OpenRows {
  readonly kind: 'rows' | 'deletes';
  readonly split: number;
  readonly attempt: string;
  /** null: nobody asks. */
  readonly timestamp: number | null;
  readonly start: number;
  /** Of each row, from `start` on. */
  readonly starts: number[];
}

type RowsOf = Pick<OpenRows, 'kind' | 'split' | 'attempt' | 'timestamp'>;

/** One partition's waiting units. Rows are copied out of the fetch frame once, already as LOAD DATA wants them. */
export class SinkInbox {
  readonly #options: InboxOptions;
  readonly #cursor: RecordCursor = createRecordCursor();
  readonly #ready: Unit[] = [];
  #memory: Buffer | null = null;
  #length = 0;
  #segments: Segment[] = [];
  #open: OpenRows | null = null;
  #from: number;
  #to: number;
  #rows = 0;
  #skipped = 0;
  #hasControl = false;
  #openedAt = 0;
  /** Header bytes that all rows of the attempt seen last have in common. */
  #prefix: Buffer = Buffer.alloc(0);
  #prefixOf: { split: number; attempt: string } = { split: -1, attempt: '' };

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#from = options.next;
    this.#to = options.next;
  }

  get partition(): number {
    return this.#options.partition;
  }

  /** Offset behind the last record accepted. */
  get next(): number {
    return this.#to;
  }

  /** Units that wait, the open one included. */
  get depth(): number {
    return this.#ready.length + (this.#to > this.#from ? 1 : 0);
  }

  /** Throws RECORD_FOREIGN for what no Syncline source wrote, or what can't be applied: nothing is passed over silently. */
  accept(fetched: FetchedBatches, now: number): void {
    if (this.#to === this.#from) this.#openedAt = now;
    const cursor = this.#cursor;
    cursor.open(fetched.bytes, fetched.from);
    while (cursor.next()) {
      if (cursor.offset < this.#to) continue;
      if (!this.#acceptSameAttempt(cursor)) this.#acceptOther(cursor);
      this.#to = cursor.offset + 1;
      if (this.#rows >= this.#options.maxRows) this.#closeUnit();
    }
    // Offsets without records (compaction, transaction markers) are passed too.
    if (fetched.next > this.#to) this.#to = fetched.next;
  }

  /** The next unit to apply, or null: nothing waits, or what waits is small and young enough to grow. */
  take(now: number, minRows: number, lingerMs: number): Unit | null {
    if (this.#ready.length === 0 && this.#to > this.#from) {
      if (this.#hasControl || this.#rows >= minRows || now - this.#openedAt >= lingerMs) this.#closeUnit();
    }
    return this.#ready.shift() ?? null;
  }

  /** Gives the unit's memory back after it was applied. */
  release(unit: Unit): void {
    if (unit.memory !== null) this.#options.pool.give(unit.memory);
  }

  /** Fast path: a row whose headers are those of the last row but for currentIndex. */
  #acceptSameAttempt(cursor: RecordCursor): boolean {
    const size = this.#prefix.length;
    if (size === 0 || cursor.headersEnd - cursor.headersStart <= size) return false;
    const { bytes, headersStart } = cursor;
    if (bytes.compare(this.#prefix, 0, size, headersStart, headersStart + size) !== 0) return false;
    this.#appendRow(cursor, this.#prefixOf.split, this.#prefixOf.attempt);
    return true;
  }

  #acceptOther(cursor: RecordCursor): void {
    const place = this.#place(cursor);
    const taskId = readTaskId(place, cursor);
    if (taskId !== this.#options.taskId) {
      this.#passOver(place, taskId);
      return;
    }
    const record = readRecord(place, cursor);
    const { split, attempt } = record;
    if (record.kind === 'control') {
      this.#acceptControl(record, cursor);
    } else if (record.kind === 'dirty') {
      this.#putDirty({ split, attempt, row: readDirtyRow(record, cursor) });
    } else if (record.kind === 'delete') {
      this.#appendDelete(cursor, split, attempt);
    } else {
      this.#rememberPrefix(cursor, split, attempt);
      this.#appendRow(cursor, split, attempt);
    }
  }

  #passOver(place: string, taskId: string): void {
    if (!this.#options.passesOthers)
      throw new SyncError('RECORD_FOREIGN', {
        message: `${place}: the record is of task ${taskId}, and this sink has no ${KEY.taskId}: set the same one at source and sink`,
        field: KEY.taskId,
      });
    this.#skipped += 1;
  }

  #place(cursor: RecordCursor): string {
    return `reading ${this.#options.topic}-${this.#options.partition} at offset ${cursor.offset}`;
  }

  #acceptControl(record: RecordOf<'control'>, cursor: RecordCursor): void {
    this.#closeRows();
    if (record.control === 'keys') {
      const { split, attempt, claim } = readKeys(record, cursor);
      this.#segments.push({ kind: 'keys', split, attempt, claim });
      this.#rows += Math.ceil(claim.keys.rows / KEYS_PER_ROW);
      return;
    }
    this.#hasControl = true;
    this.#prefix = Buffer.alloc(0);
    if (record.control === 'begin') {
      const begin = readControl(record, cursor) as BeginControl;
      this.#options.onBegin(begin);
      this.#segments.push({ kind: 'begin', begin });
    } else {
      this.#segments.push({ kind: 'end', end: readControl(record, cursor) as EndControl });
    }
  }

  /** `currentIndex` is the last header: all before it is constant within an attempt. */
  #rememberPrefix(cursor: RecordCursor, split: number, attempt: string): void {
    const headers = cursor.bytes.subarray(cursor.headersStart, cursor.headersEnd);
    const at = headers.lastIndexOf(HEADER.currentIndex);
    this.#prefix =
      at > 0 ? Buffer.from(headers.subarray(0, at + HEADER.currentIndex.length)) : Buffer.alloc(0);
    this.#prefixOf = { split, attempt };
  }

  #appendRow(cursor: RecordCursor, split: number, attempt: string): void {
    const decoder = this.#options.decoder();
    if (decoder === null)
      throw new SyncError('RECORD_FOREIGN', {
        message: `${this.#place(cursor)}: a row of split ${split}, attempt ${attempt}, of this sink's task has no BEGIN record before it: the sink began inside the run, or its source writes none (end.marker=record)`,
      });
    try {
      const { bytes, start, end } = decoder.decode(cursor.bytes, cursor.valueStart, cursor.valueEnd);
      this.#append({ kind: 'rows', split, attempt, timestamp: this.#timeOf(cursor) }, bytes, start, end);
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'ROW_INVALID') throw error;
      this.#putDirty({ split, attempt, row: describeUnread(cursor, error) });
    }
  }

  #putDirty(dirty: { split: number; attempt: string; row: DirtyRow }): void {
    this.#closeRows();
    this.#segments.push({ kind: 'dirty', ...dirty });
    this.#rows += 1;
  }

  /** The key's fields travel in a header: a tombstone's value is null. */
  #appendDelete(cursor: RecordCursor, split: number, attempt: string): void {
    const row = Buffer.from(cursor.header(HEADER.deleted) ?? '', 'base64');
    this.#append({ kind: 'deletes', split, attempt, timestamp: this.#timeOf(cursor) }, row, 0, row.length);
  }

  #timeOf(cursor: RecordCursor): number | null {
    return this.#options.byTimestamp === true ? cursor.timestamp() : null;
  }

  #append(to: RowsOf, bytes: Buffer, start: number, end: number): void {
    const memory = this.#makeRoom(end - start + 1);
    const open = this.#openRows(to);
    open.starts.push(this.#length - open.start);
    memory.set(bytes.subarray(start, end), this.#length);
    this.#length += end - start;
    memory[this.#length] = LF;
    this.#length += 1;
    this.#rows += 1;
  }

  /** A row that the open unit has no room for is the first of the next unit. */
  #makeRoom(size: number): Buffer {
    if (this.#memory !== null && this.#length + size > this.#memory.length) this.#closeUnit();
    this.#memory ??= this.#options.pool.take(size);
    return this.#memory;
  }

  #openRows(of: RowsOf): OpenRows {
    const open = this.#open;
    if (
      open?.kind === of.kind &&
      open.split === of.split &&
      open.attempt === of.attempt &&
      open.timestamp === of.timestamp
    )
      return open;
    this.#closeRows();
    this.#open = { ...of, start: this.#length, starts: [] };
    return this.#open;
  }

  #closeRows(): void {
    if (this.#open === null || this.#memory === null) return;
    const { kind, split, attempt, timestamp, start, starts } = this.#open;
    const bytes = this.#memory.subarray(start, this.#length);
    const rows = starts.length;
    starts.push(bytes.length);
    const put = { bytes, rows, starts: Uint32Array.from(starts) };
    const batch = timestamp === null ? put : { ...put, timestamp };
    this.#segments.push({ kind, split, attempt, batch });
    this.#open = null;
  }

  #closeUnit(): void {
    this.#closeRows();
    this.#ready.push({
      partition: this.#options.partition,
      from: this.#from,
      to: this.#to,
      segments: this.#segments,
      rows: this.#rows,
      skipped: this.#skipped,
      hasControl: this.#hasControl,
      memory: this.#memory,
    });
    this.#memory = null;
    this.#length = 0;
    this.#segments = [];
    this.#from = this.#to;
    this.#rows = 0;
    this.#skipped = 0;
    this.#hasControl = false;
  }
}

/** A row whose value can't be read. */
function describeUnread(cursor: RecordCursor, { message, field }: SyncError): DirtyRow {
  const { bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor;
  return {
    key: printBytes(bytes.subarray(keyStart, Math.max(keyStart, keyEnd))),
    field: field ?? '',
    reason: message,
    bytesHex: bytes.toString('hex', valueStart, Math.min(valueEnd, valueStart + MAX_HEX_BYTES)),
  };
}
