// Increments by a column's value: a column whose values only grow, such as an id, a version or the time of the last change.
//   read:  every row whose value is at or behind the window's start, without an upper bound
//   next:  the window ends at the greatest *settled* value: one whose cell is older than the lag
// The greatest value seen would lose rows: one with a smaller value may become visible later. With the lag that is only so for
// a row written later than the lag behind a row of greater value. Rows of the last value itself are read again, as more of
// the same value may come. Nothing is asked of the writers' clocks or zones: values are only compared with one another.
import { kindName } from '../../../src/core/connector/field-type.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { ByteWriter } from '../../../src/core/record/row-format.ts';
import { repeatsTimes, utc } from '../../../src/core/time/time-zone.ts';
import { compileEncoding } from '../encodings/all-encodings.ts';
import type { MappedField } from '../mapping/field-mapping.ts';
import { comparatorOf } from './value-order.ts';

/** A place in the column's values: the number itself, or milliseconds since the epoch. */
export interface GrowingColumn {
  /** Index of the mapping's field. */
  readonly index: number;
  readonly field: MappedField;
  /** Row text → position, rounded down; NaN when it is none. */
  readonly positionOf: (text: string) => number;
  /** Position → the smallest row text that is not below it. */
  readonly textOf: (position: number) => string;
  /** The position right behind a value, as far as positions can tell values apart. */
  readonly behind: (position: number) => number;
}

const msPerDay = 86_400_000;
/** Of 31 December 9999. */
const greatestTime = Date.UTC(9999, 11, 31);

/** The mapped field of that name as a growing column, or what is wrong with it. */
export function findGrowingColumn(name: string, fields: readonly MappedField[]): GrowingColumn | string {
  const index = fields.findIndex(
    ({ source, qualifier, target }) => source === name || qualifier === name || target === name,
  );
  const field = fields[index];
  if (field === undefined)
    return `'${name}' is not in the mapping; add it there, or leave this blank to read by cell timestamp`;
  if (field.pseudo !== null)
    return `'${name}' is ${field.source}, which no server can compare; name a column, or leave this blank to read by cell timestamp`;
  const scale = scaleOf(field.type);
  if (scale === null)
    return `'${name}' is of type ${kindName(field.type.kind)}; only whole numbers, dates and timestamps have positions to start from`;
  if (field.whenMissing !== null)
    return `'${name}' has a default, so a missing value would count as one; take default() out of its maprule`;
  if (field.misfit === 'null')
    return `'${name}' has misfit null, so rows whose value can't be read would be passed over; write dirty or error in its mapping`;
  if (field.settings.zone !== utc && repeatsTimes(field.settings.zone))
    return `'${name}' is local time of ${field.settings.zone.name}, which comes twice when clocks are put back, so later rows could have earlier values; leave this blank to read by cell timestamp`;
  return { index, field, ...scale };
}

type Scale = Pick<GrowingColumn, 'positionOf' | 'textOf' | 'behind'>;

function scaleOf(type: FieldType): Scale | null {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return { positionOf: Number, textOf: String, behind: (position) => position + 1 };
    case 'date':
      return timeScale(msPerDay, (text) => text.slice(0, 10));
    case 'timestamp':
      return timeScale(
        10 ** Math.max(0, 3 - type.precision),
        (text) => text.slice(0, 19) + fraction(text, type.precision),
      );
    default:
      return null;
  }
}

/** `unitMs`: what the field's text can tell apart; finer ones are rounded down to it. */
function timeScale(unitMs: number, cut: (iso: string) => string): Scale {
  return {
    positionOf: (text) => Date.parse(`${text.replace(' ', 'T').slice(0, 23)}${text.length > 10 ? 'Z' : ''}`),
    textOf: (position) =>
      cut(new Date(Math.ceil(position / unitMs) * unitMs).toISOString().replace('T', ' ')),
    behind: (position) => position + unitMs,
  };
}

function fraction(iso: string, precision: number): string {
  return precision === 0 ? '' : `.${iso.slice(20, 23).padEnd(precision, '0').slice(0, precision)}`;
}

/** The field, letting only rows pass whose value is at or behind `from` (besides its own limit condition). */
export function fieldFrom({ field, textOf }: GrowingColumn, from: number): MappedField {
  const compare = comparatorOf(field.type.kind);
  if (compare === null) return field;
  const bound = Buffer.from(textOf(from));
  const own = field.condition;
  return {
    ...field,
    condition: {
      text: own === null ? `${field.target}: >= ${textOf(from)}` : `${own.text}, and >= ${textOf(from)}`,
      passes: (bytes, start, end) =>
        start >= 0 &&
        compare(bytes, start, end, bound) >= 0 &&
        (own === null || own.passes(bytes, start, end)),
    },
  };
}

/**
 * A value that a user wrote as text of the field's type or, for times, in milliseconds since the epoch, as the number of its place.
 * @throws SyncError BAD_INPUT
 */
export function readValue({ field, positionOf }: GrowingColumn, text: string): number {
  const isTime = field.type.kind === 'date' || field.type.kind === 'timestamp';
  const position = isTime && /^\d+$/.test(text) ? Number(text) : readText(field.type, positionOf, text);
  const isInRange = Number.isSafeInteger(position) && (!isTime || Math.abs(position) <= greatestTime);
  if (isInRange) return position;
  throw new SyncError('BAD_INPUT', {
    message: `'${text}' is no value of ${field.source}, which is of type ${kindName(field.type.kind)}`,
  });
}

function readText(type: FieldType, positionOf: GrowingColumn['positionOf'], text: string): number {
  const write = compileEncoding('text', type);
  const out = new ByteWriter();
  const bytes = Buffer.from(text);
  if (typeof write === 'string' || write(out, bytes, 0, bytes.length) !== null) return NaN;
  return positionOf(out.bytes.toString('latin1', 0, out.length));
}
