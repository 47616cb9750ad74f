// Turns fetched record batches of one partition into units: what one transaction applies, in log order.
//
//   partition = *( BEGIN *( row / dirty / tombstone / KEYS ) [ END ] )      ; attempts of several splits, one after another or interleaved
import { HEADER } from '../../src/core/headers.ts';
import type { BeginControl, DirtyRow, EndControl, KeysControl } from '../../src/core/headers.ts';
import type { FetchedBatches } from '../../src/core/ports.ts';
import { createRecordCursor } from '../../src/core/record-batch.ts';
import type { RecordCursor } from '../../src/core/record-batch.ts';
import type { KeyClaim, RowBatch } from '../../src/core/sink-store.ts';
import type { ValueDecoder } from './converters/value-converter.ts';

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
  /** Records of other task ids, or that are no Syncline records. */
  readonly skipped: number;
  readonly hasControl: boolean;
}

const MAX_BYTES = 4_000_000;
/** To compare a key costs so much less than to write a row. */
const KEYS_PER_ROW = 4;
const LF = 0x0a;

export interface InboxOptions {
  readonly partition: number;
  readonly next: number;
  readonly taskId: string;
  /** Most rows of a unit. */
  readonly maxRows: number;
  /** Decoder of the plan's rows; null until a BEGIN (here or in the ledger) told the schema. */
  readonly decoder: () => ValueDecoder | null;
  readonly onBegin: (begin: BeginControl) => void;
}

interface OpenRows {
  readonly kind: 'rows' | 'deletes';
  split: number;
  attempt: string;
  bytes: Buffer;
  length: number;
  rows: number;
}

/** One partition's waiting units. Rows are copied out of the fetch frame once, already as LOAD DATA wants them. */
export class SinkInbox {
  readonly #options: InboxOptions;
  readonly #cursor: RecordCursor = createRecordCursor();
  readonly #ready: Unit[] = [];
  readonly #spare: Buffer[] = [];
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

  accept(fetched: FetchedBatches, now: number): void {
    if (this.#to === this.#from) this.#openedAt = now;
    const cursor = this.#cursor;
    cursor.open(fetched.bytes, fetched.from);
    while (cursor.next()) {
      if (cursor.offset < this.#to) continue;
      if (!this.#acceptSameAttempt(cursor)) this.#acceptOther(cursor);
      this.#to = cursor.offset + 1;
      if (this.#rows >= this.#options.maxRows || (this.#open?.length ?? 0) >= MAX_BYTES) this.#closeUnit();
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

  /** Gives the unit's row buffers back after it was applied. */
  release(unit: Unit): void {
    for (const segment of unit.segments) {
      if ('batch' in segment && this.#spare.length < 4)
        this.#spare.push(Buffer.from(segment.batch.bytes.buffer));
    }
  }

  /** Drops all that waits and starts over at `next` (after the ledger was read again). */
  reset(next: number): void {
    this.#ready.length = 0;
    this.#segments = [];
    this.#open = null;
    this.#from = next;
    this.#to = next;
    this.#rows = 0;
    this.#skipped = 0;
    this.#hasControl = false;
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
    const splitHeader = cursor.header(HEADER.split);
    if (cursor.header(HEADER.taskId) !== this.#options.taskId || splitHeader === null) {
      this.#skipped += 1;
      return;
    }
    const dot = splitHeader.indexOf('.');
    const split = Number(splitHeader.slice(0, dot));
    const attempt = splitHeader.slice(dot + 1);
    const control = cursor.header(HEADER.control);
    if (control !== null) {
      this.#acceptControl(control, cursor);
    } else if (cursor.header(HEADER.dirty) !== null) {
      this.#closeRows();
      this.#segments.push({ kind: 'dirty', split, attempt, row: JSON.parse(valueText(cursor)) as DirtyRow });
      this.#rows += 1;
    } else if (isTombstone(cursor)) {
      this.#appendDelete(cursor, split, attempt);
    } else {
      this.#rememberPrefix(cursor, split, attempt);
      this.#appendRow(cursor, split, attempt);
    }
  }

  #acceptControl(control: string, cursor: RecordCursor): void {
    this.#closeRows();
    if (control === 'keys') {
      this.#acceptKeys(cursor);
      return;
    }
    this.#hasControl = true;
    this.#prefix = Buffer.alloc(0);
    if (control === 'begin') {
      const begin = JSON.parse(valueText(cursor)) as BeginControl;
      this.#options.onBegin(begin);
      this.#segments.push({ kind: 'begin', begin });
    } else {
      this.#segments.push({ kind: 'end', end: JSON.parse(valueText(cursor)) as EndControl });
    }
  }

  #acceptKeys(cursor: RecordCursor): void {
    const value = cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd);
    const headEnd = value.indexOf(LF);
    const { split, attempt, ...head } = JSON.parse(value.toString('utf8', 0, headEnd)) as KeysControl;
    const claim = {
      from: decodeBound(head.from),
      until: decodeBound(head.until),
      keys: { bytes: Buffer.from(value.subarray(headEnd + 1)), rows: head.keys },
    };
    this.#segments.push({ kind: 'keys', split, attempt, claim });
    this.#rows += Math.ceil(head.keys / KEYS_PER_ROW);
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
    if (decoder === null) {
      this.#skipped += 1;
      return;
    }
    const { bytes, start, end } = decoder.decode(cursor.bytes, cursor.valueStart, cursor.valueEnd);
    this.#append(this.#openRows('rows', split, attempt), bytes, start, end);
  }

  /** The key's fields travel in a header: a tombstone's value is null. */
  #appendDelete(cursor: RecordCursor, split: number, attempt: string): void {
    const row = Buffer.from(cursor.header(HEADER.deleted) ?? '', 'base64');
    this.#append(this.#openRows('deletes', split, attempt), row, 0, row.length);
  }

  #append(open: OpenRows, bytes: Buffer, start: number, end: number): void {
    const size = end - start;
    if (open.length + size + 1 > open.bytes.length) open.bytes = grow(open.bytes, open.length, size + 1);
    bytes.copy(open.bytes, open.length, start, end);
    open.length += size;
    open.bytes[open.length] = LF;
    open.length += 1;
    open.rows += 1;
    this.#rows += 1;
  }

  #openRows(kind: OpenRows['kind'], split: number, attempt: string): OpenRows {
    const open = this.#open;
    if (open?.kind === kind && open.split === split && open.attempt === attempt) return open;
    this.#closeRows();
    this.#open = {
      kind,
      split,
      attempt,
      bytes: this.#spare.pop() ?? Buffer.allocUnsafeSlow(1 << 20),
      length: 0,
      rows: 0,
    };
    return this.#open;
  }

  #closeRows(): void {
    if (this.#open === null) return;
    const { kind, split, attempt, bytes, length, rows } = this.#open;
    this.#segments.push({ kind, split, attempt, batch: { bytes: bytes.subarray(0, length), rows } });
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
    });
    this.#segments = [];
    this.#from = this.#to;
    this.#rows = 0;
    this.#skipped = 0;
    this.#hasControl = false;
  }
}

function isTombstone(cursor: RecordCursor): boolean {
  return cursor.valueEnd < cursor.valueStart && cursor.header(HEADER.deleted) !== null;
}

function decodeBound(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'base64');
}

function valueText(cursor: RecordCursor): string {
  return cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd);
}

function grow(bytes: Buffer, used: number, more: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, used + more));
  bytes.copy(larger, 0, 0, used);
  return larger;
}
