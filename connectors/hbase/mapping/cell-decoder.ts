// Cells of a row → the row in the row format, in one pass over the cell block and without an object per cell or row.
// HBase gives a row's cells in the order of family, then qualifier, so mapped columns kept in that order and cells are merged
// like two sorted lists: one comparison per cell, usually an equal one. What each column's value is, is noted as a range of the
// block; the fields are then written in the order of the schema.
import type { RowOutput } from '../../../src/core/connector/contract.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { DirtyRow } from '../../../src/core/record/headers.ts';
import { ByteWriter } from '../../../src/core/record/row-format.ts';
import { sameInBoth } from '../../../src/core/text.ts';
import type { Text } from '../../../src/core/text.ts';
import { compareColumn, encodeColumn, sortColumns, toWords } from './column-order.ts';
import type { SourceColumn } from './column-name.ts';
import type { MappedField } from './field-mapping.ts';
import { viewOf } from '../encodings/block-view.ts';
import { NULL_VALUE } from '../encodings/encoding.ts';
import { printKey } from './printable-key.ts';
import { namesColumn, needsWholeRow } from './pseudo-field.ts';
import { compilePseudoRanges } from './pseudo-ranges.ts';
import type { FindPseudo, PseudoSlot } from './pseudo-ranges.ts';
import { describeExpected } from './value-settings.ts';

export interface DecoderField {
  readonly field: MappedField;
  /** null: the row key, or a pseudo field that names no column. */
  readonly column: SourceColumn | null;
}

/** Columns that a bare name did not mean when the read was planned: a row that has one contradicts the plan. */
interface Contradiction {
  readonly column: SourceColumn;
  readonly source: string;
}

export const remarkNoColumns: Text = {
  en: 'rows that hold none of the mapped columns',
  zh: '不含任何已映射列的行',
};

const TAB = 0x09;
const keyOverhead = 12;
const maxDirtyBytes = 256;
const ROW_KEY = -1;
/** In #textStart: the field's value did not fit. */
const NOT_WRITTEN = -2;

export class CellDecoder {
  /** Mapped columns and contradictions, in HBase's order. */
  readonly #columns: readonly Uint8Array[];
  /** The same as words, each column filled up with zeros to whole ones; and by column, where it starts and its bytes. */
  readonly #words: Int32Array;
  readonly #wordsStart: Int32Array;
  readonly #columnLength: Int32Array;
  readonly #mappedColumns: number;
  /** By column. */
  readonly #contradictions: readonly (Contradiction | null)[];
  readonly #fields: readonly MappedField[];
  /** Slot of the value's range by field: an index of #columns, or behind them one of a pseudo field; ROW_KEY for the row key. */
  readonly #columnOf: Int32Array;
  readonly #hasConditions: boolean;
  readonly #findPseudo: FindPseudo | null;
  /** By slot: the value's range in the block; start -1 = the row has no such cell. */
  readonly #valueStart: Int32Array;
  readonly #valueEnd: Int32Array;
  /** By field, for conditions: its text in #out; start -1 = NULL, NOT_WRITTEN = it did not fit. */
  readonly #textStart: Int32Array;
  readonly #textEnd: Int32Array;
  readonly #out = new ByteWriter(64 * 1024);
  /** Fields of this row that did not fit and are NULL by their policy, by index; usually none. */
  readonly #nulled: number[] = [];
  #keyStart = 0;
  #keyEnd = 0;
  /** Fields that no row had so far, of those that are watched; usually none, so that rows pay nothing for it. */
  readonly #absent: number[] = [];
  #onRefused: ((key: Uint8Array) => void) | null = null;

  /** `families`: of the table; empty: bare names are not watched. */
  constructor(fields: readonly DecoderField[], families: readonly string[] = []) {
    const mapped = fields.map(({ column }) => column).filter((column) => column !== null);
    const contradictions = findContradictions(fields, families);
    const columns = sortColumns([...mapped, ...contradictions.map(({ column }) => column)]);
    this.#columns = columns;
    this.#columnLength = Int32Array.from(columns, ({ length }) => length);
    ({ words: this.#words, starts: this.#wordsStart } = toWords(columns));
    // All columns are mapped where a field takes in whatever the row has.
    this.#mappedColumns = fields.some(({ field }) => needsWholeRow(field)) ? 0 : mapped.length;
    this.#contradictions = columns.map(
      (known) => contradictions.find(({ column }) => encodeColumn(column).equals(known)) ?? null,
    );
    this.#fields = fields.map(({ field }) => field);
    const slotOf = (column: SourceColumn | null): number =>
      column === null ? ROW_KEY : columns.findIndex((known) => encodeColumn(column).equals(known));
    const pseudo: PseudoSlot[] = [];
    this.#columnOf = Int32Array.from(fields, ({ field, column }) => {
      if (field.pseudo === null || field.pseudo.kind === 'row-key') return slotOf(column);
      const slot = columns.length + pseudo.length;
      pseudo.push({ pseudo: field.pseudo, slot, cell: slotOf(column) });
      return slot;
    });
    this.#hasConditions = fields.some(({ field }) => field.condition !== null);
    this.#valueStart = new Int32Array(columns.length + pseudo.length);
    this.#valueEnd = new Int32Array(columns.length + pseudo.length);
    this.#findPseudo = compilePseudoRanges(pseudo, { start: this.#valueStart, end: this.#valueEnd });
    this.#textStart = new Int32Array(fields.length);
    this.#textEnd = new Int32Array(fields.length);
  }

  /** Watches whether any row has a cell of these fields, by index. */
  watch(fields: readonly number[]): void {
    this.#absent.push(...fields);
  }

  /** Rows that their limit condition does not let pass are told there by their key, which is good until it returns. */
  tellRefused(onRefused: (key: Uint8Array) => void): void {
    this.#onRefused = onRefused;
  }

  /** Watched fields that no decoded row had a cell of. */
  get absent(): readonly number[] {
    return this.#absent;
  }

  /** One row: the cells in `block[start, end)`, at least one, newest version of each column. */
  decodeRow(block: Uint8Array, start: number, end: number, out: RowOutput): void {
    const found = this.#readCells(block, start, end);
    if (this.#absent.length > 0) this.#tickOff();
    if (found === 0 && this.#mappedColumns > 0) out.remarked?.(remarkNoColumns);
    this.#writeKey(block);
    const keyEnd = this.#out.length;
    const problem = this.#writeFields(block);
    if (this.#hasConditions) {
      const refusal = this.#findRefusal();
      if (refusal !== null) {
        this.#tellOff(block, refusal, out);
        return;
      }
    }
    if (problem !== null) this.#refuse(block, problem, out);
    else {
      out.row(this.#out.bytes, keyEnd, this.#out.length);
      if (this.#nulled.length > 0)
        for (const index of this.#nulled) out.nulled(this.#fields[index]?.target ?? '');
    }
  }

  /** Do the conditions let the row pass? One whose value does not fit is not asked, as in decodeRow. */
  passes(block: Uint8Array, start: number, end: number): boolean {
    this.#readCells(block, start, end);
    this.#out.length = 0;
    this.#writeFields(block);
    return this.#findRefusal() === null;
  }

  /** Finds key and values in the block; returns how many columns have one. */
  #readCells(block: Uint8Array, start: number, end: number): number {
    this.#keyStart = start + 14;
    this.#keyEnd = this.#keyStart + (((block[start + 12] ?? 0) << 8) | (block[start + 13] ?? 0));
    const found = this.#findValues(block, start, end);
    if (this.#findPseudo !== null) this.#findPseudo(block, start, end);
    return found;
  }

  #tellOff(block: Uint8Array, refusal: string, out: RowOutput): void {
    if (this.#onRefused === null) {
      out.filtered(sameInBoth(refusal));
      return;
    }
    out.remarked?.({
      en: `${refusal} not met: removed from the target where they were there`,
      zh: `不满足 ${refusal}：若在目标中则移除`,
    });
    this.#onRefused(block.subarray(this.#keyStart, this.#keyEnd));
  }

  /** Merges the cells with the mapped columns; returns how many columns have a value. */
  #findValues(block: Uint8Array, start: number, end: number): number {
    const columns = this.#columns;
    const count = columns.length;
    const valueStart = this.#valueStart;
    valueStart.fill(-1);
    const rowLength = this.#keyEnd - this.#keyStart;
    const view = viewOf(block);
    let found = 0;
    let next = 0;
    let at = start;
    while (at < end && next < count) {
      const keyLength = view.getInt32(at + 4);
      const columnStart = at + 14 + rowLength;
      const columnLength = keyLength + 1 - keyOverhead - rowLength;
      // Usually the cell is the column that is expected next; only where it is not, the order matters.
      let order = this.#isColumn(view, columnStart, columnLength, next) ? 0 : 1;
      while (next < count && order > 0) {
        order = compareColumn(block, columnStart, columnLength, columns[next] ?? noColumn);
        if (order > 0) next += 1;
      }
      if (order === 0) {
        const contradiction = this.#contradictions[next] ?? null;
        if (contradiction !== null)
          throw contradicts(block.subarray(this.#keyStart, this.#keyEnd), contradiction);
        const from = at + 12 + keyLength;
        valueStart[next] = from;
        this.#valueEnd[next] = from + view.getInt32(at + 8);
        found += 1;
        next += 1;
      }
      at += 4 + view.getInt32(at);
    }
    return found;
  }

  /** Word by word; a cell's timestamp and type follow its column, so the last word may be read whole. */
  #isColumn(view: DataView, start: number, length: number, column: number): boolean {
    if (length !== this.#columnLength[column]) return false;
    const words = this.#words;
    let word = this.#wordsStart[column] ?? 0;
    let at = start;
    for (const last = start + length - 4; at <= last; at += 4, word += 1)
      if (view.getInt32(at) !== words[word]) return false;
    const rest = start + length - at;
    return rest === 0 || (view.getInt32(at) ^ (words[word] ?? 0)) >>> (32 - rest * 8) === 0;
  }

  #tickOff(): void {
    const absent = this.#absent;
    for (let i = absent.length - 1; i >= 0; i -= 1) {
      const column = this.#columnOf[absent[i] ?? -1] ?? ROW_KEY;
      if ((this.#valueStart[column] ?? -1) >= 0) absent.splice(i, 1);
    }
  }

  #writeKey(block: Uint8Array): void {
    const out = this.#out;
    out.length = 0;
    out.ensure(this.#keyEnd - this.#keyStart);
    for (let from = this.#keyStart; from < this.#keyEnd; from += 1) {
      out.bytes[out.length] = block[from] ?? 0;
      out.length += 1;
    }
  }

  /** Writes all fields; the one that refuses the row is returned, and the rest is written all the same for the conditions. */
  #writeFields(block: Uint8Array): FieldProblem | null {
    const out = this.#out;
    const fields = this.#fields;
    let problem: FieldProblem | null = null;
    if (this.#nulled.length > 0) this.#nulled.length = 0;
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index];
      if (field === undefined) break;
      if (index > 0) {
        out.ensure(1);
        out.bytes[out.length] = TAB;
        out.length += 1;
      }
      const column = this.#columnOf[index] ?? ROW_KEY;
      const start = column === ROW_KEY ? this.#keyStart : (this.#valueStart[column] ?? -1);
      const before = out.length;
      const end = start < 0 ? start : column === ROW_KEY ? this.#keyEnd : (this.#valueEnd[column] ?? 0);
      const reason = start < 0 ? NULL_VALUE : field.write(out, block, start, end);
      if (reason === NULL_VALUE) {
        out.length = before;
        if (!this.#writeMissing(index, field))
          problem = this.#misfit({ index, reason: missingKey, start, end }, problem);
        continue;
      }
      this.#textStart[index] = before;
      this.#textEnd[index] = out.length;
      if (reason !== null) {
        out.length = before;
        problem = this.#misfit({ index, reason, start, end }, problem);
      }
    }
    return problem;
  }

  /** What a value that does not fit makes of the row, by its field's policy: NULL in it, or the problem that refuses the row. */
  #misfit(problem: FieldProblem, earlier: FieldProblem | null): FieldProblem | null {
    const { index } = problem;
    const policy = this.#fields[index]?.misfit;
    if (policy === 'null') {
      this.#textStart[index] = -1;
      this.#out.writeNull();
      this.#nulled.push(index);
      return earlier;
    }
    this.#textStart[index] = NOT_WRITTEN;
    return policy === 'error' || earlier === null ? problem : earlier;
  }

  /** false: the field may not be NULL. */
  #writeMissing(index: number, field: MappedField): boolean {
    const out = this.#out;
    this.#textStart[index] = -1;
    if (field.whenMissing !== null) {
      this.#textStart[index] = out.length;
      out.ensure(field.whenMissing.length);
      out.bytes.set(field.whenMissing, out.length);
      out.length += field.whenMissing.length;
      this.#textEnd[index] = out.length;
      return true;
    }
    out.writeNull();
    return !field.isKey;
  }

  /** The first condition that does not let the row pass. A field that could not be written is not asked. */
  #findRefusal(): string | null {
    const fields = this.#fields;
    for (let index = 0; index < fields.length; index += 1) {
      const condition = fields[index]?.condition ?? null;
      const start = this.#textStart[index] ?? -1;
      if (condition === null || start === NOT_WRITTEN) continue;
      const passes = condition.passes(this.#out.bytes, start, this.#textEnd[index] ?? -1);
      if (!passes) return `limitcondition ${condition.text}`;
    }
    return null;
  }

  #refuse(block: Uint8Array, problem: FieldProblem, out: RowOutput): void {
    const key = block.subarray(this.#keyStart, this.#keyEnd);
    const field = this.#fields[problem.index];
    const end = Math.min(problem.end, problem.start + maxDirtyBytes);
    const bytes = problem.start < 0 ? noColumn : block.subarray(problem.start, end);
    const row: DirtyRow = {
      key: printKey(key),
      field: `${field?.target ?? ''} (from ${field?.source ?? ''})`,
      reason: problem.reason,
      bytesHex: Buffer.from(bytes).toString('hex'),
    };
    if (field?.misfit === 'error') throw misfitError(row, field);
    out.dirty(key, row);
  }
}

interface FieldProblem {
  readonly index: number;
  readonly reason: string;
  readonly start: number;
  readonly end: number;
}

const missingKey = 'a key field without a value';
const noColumn = new Uint8Array(0);

function misfitError({ key, field, reason, bytesHex }: DirtyRow, mapped: MappedField): SyncError {
  return new SyncError('VALUE_MISFIT', {
    message: `reading row ${key}, field ${field}: ${reason}; its bytes are ${bytesHex === '' ? 'none' : bytesHex}, expected was ${describeExpected(mapped)}`,
    field: mapped.target,
  });
}

/** For each bare name, the columns of that name in the families it does not mean, unless they are mapped by their full name. */
function findContradictions(fields: readonly DecoderField[], families: readonly string[]): Contradiction[] {
  const isMapped = ({ family, qualifier }: SourceColumn): boolean =>
    fields.some(({ column }) => column?.family === family && column.qualifier === qualifier);
  return fields
    .filter(({ field }) => field.family === null && namesColumn(field))
    .flatMap(({ field: { qualifier, source } }) =>
      families.map((family) => ({ column: { family, qualifier }, source })),
    )
    .filter(({ column }) => !isMapped(column));
}

function contradicts(key: Uint8Array, { column, source }: Contradiction): SyncError {
  return new SyncError('MAPPING_INVALID', {
    message: `reading row ${printKey(key)}: it has a column ${column.family}:${column.qualifier}, which no sampled row had when '${source}' was looked up; write family:qualifier`,
    field: 'pkuse.hbase.filed.mapping',
  });
}
