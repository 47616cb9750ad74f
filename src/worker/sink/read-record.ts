// What one record of the log is to a sink, by its headers. A record that no Syncline source wrote, or that can't be read as what it
// says it is, is refused in words: passed over silently, its rows would be missing from a target that looks complete.
import { SyncError } from '../../core/errors.ts';
import { HEADER } from '../../core/record/headers.ts';
import type { DirtyRow, KeysControl } from '../../core/record/headers.ts';
import type { RecordCursor } from '../../core/record/record-cursor.ts';
import { readKey } from '../../core/record/row-key.ts';
import type { KeyClaim } from '../../core/connector/sink-store.ts';

interface Attempted {
  /** Which record: first words of a complaint about it. */
  readonly place: string;
  readonly split: number;
  readonly attempt: string;
}

export type SinkRecord =
  | (Attempted & { readonly kind: 'control'; readonly control: 'begin' | 'end' | 'keys' })
  | (Attempted & { readonly kind: 'row' | 'dirty' | 'delete' });

export type RecordOf<K extends SinkRecord['kind']> = Extract<SinkRecord, { kind: K }>;

const LF = 0x0a;

/** Throws RECORD_FOREIGN. */
export function readTaskId(place: string, cursor: RecordCursor): string {
  const taskId = cursor.header(HEADER.taskId);
  if (taskId !== null) return taskId;
  throw foreign(
    place,
    `the record has no header ${HEADER.taskId}: no Syncline source wrote it, and this sink applies no others`,
  );
}

/** A record of the sink's own task. Throws RECORD_FOREIGN. */
export function readRecord(place: string, cursor: RecordCursor): SinkRecord {
  return { ...readSplit(place, cursor), ...readKind(place, cursor) };
}

/** Value of a BEGIN or END. */
export function readControl(record: RecordOf<'control'>, cursor: RecordCursor): unknown {
  return parse(record, valueOf(cursor).toString('utf8'));
}

export function readDirtyRow(record: SinkRecord, cursor: RecordCursor): DirtyRow {
  return parse(record, valueOf(cursor).toString('utf8')) as DirtyRow;
}

export function readKeys(
  record: RecordOf<'control'>,
  cursor: RecordCursor,
): { split: number; attempt: string; claim: KeyClaim } {
  const value = valueOf(cursor);
  const headEnd = value.indexOf(LF);
  const { split, attempt, ...head } = parse(record, value.toString('utf8', 0, headEnd)) as KeysControl;
  const claim = {
    from: head.from === null ? null : readKey(head.from),
    until: head.until === null ? null : readKey(head.until),
    keys: { bytes: Buffer.from(value.subarray(headEnd + 1)), rows: head.keys },
  };
  return { split, attempt, claim };
}

function readSplit(place: string, cursor: RecordCursor): Attempted {
  const text = cursor.header(HEADER.split);
  const match = /^(\d+)\.(.+)$/.exec(text ?? '');
  if (match !== null) return { place, split: Number(match[1]), attempt: match[2] ?? '' };
  const what =
    text === null
      ? `it has no header ${HEADER.split}`
      : `its ${HEADER.split} is '${text}', not <number>.<attempt>`;
  throw foreign(
    place,
    `the record is of this sink's task, but ${what}: it is not known to which part of the run it belongs, so that nothing it holds could be proved`,
  );
}

type Kind = { kind: 'control'; control: 'begin' | 'end' | 'keys' } | { kind: 'row' | 'dirty' | 'delete' };

function readKind(place: string, cursor: RecordCursor): Kind {
  const control = cursor.header(HEADER.control);
  if (control === 'begin' || control === 'end' || control === 'keys') return { kind: 'control', control };
  if (control !== null)
    throw foreign(place, `its header ${HEADER.control} is '${control}', which this version does not know`);
  if (cursor.header(HEADER.dirty) !== null) return { kind: 'dirty' };
  const isNull = cursor.valueEnd < cursor.valueStart;
  if (!isNull) return { kind: 'row' };
  if (cursor.header(HEADER.deleted) !== null) return { kind: 'delete' };
  throw foreign(place, `the record has no value and no header ${HEADER.deleted} that says which row is gone`);
}

function parse({ place }: Attempted, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw foreign(place, 'its value is not the JSON that its headers announce', cause);
  }
}

function valueOf(cursor: RecordCursor): Buffer {
  return cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd);
}

function foreign(place: string, what: string, cause?: unknown): SyncError {
  return new SyncError('RECORD_FOREIGN', { message: `${place}: ${what}`, cause });
}
