// Pseudo fields: forms of `sourceFiled` that name no column of the table.
//   rowkey()            the row key
//   timestamp(f:q)      when the column's cell was written; timestamp(): when the newest cell of the row was
//   f:*                 all columns of a family as one JSON object, family-json.ts
//   constant('x')       x in every row
// Timestamps are the cell's own 8 bytes: milliseconds since the epoch in a date, time or timestamp, a number in all other fields.
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { utc } from '../../../src/core/time/time-zone.ts';
import { readName } from './column-name.ts';
import { dateTypeOf } from '../encodings/calendar.ts';
import { compileFamilyJson } from './family-json.ts';
import { compileConstant, compileValue } from './map-rule.ts';
import type { ValueSpec } from './map-rule.ts';
import { readTokens } from './quoted-text.ts';

export type Pseudo =
  | { readonly kind: 'row-key' | 'cell-time' | 'row-time' }
  | { readonly kind: 'family'; readonly family: string }
  | { readonly kind: 'constant'; readonly text: string };

/** What a field's source is, apart from the column that its name means in the table. */
interface Source {
  readonly pseudo: Pseudo | null;
}

/** Is it a column's value or timestamp? A bare name may still turn out to be the row key. */
export function namesColumn({ pseudo }: Source): boolean {
  return pseudo === null || pseudo.kind === 'cell-time';
}

/** Is more than mapped columns needed of a row? */
export function needsWholeRow({ pseudo }: Source): boolean {
  return pseudo?.kind === 'row-time' || pseudo?.kind === 'family';
}

/** `column`: what the field's name means in the table. */
export function isRowKey({ pseudo }: Source, column: unknown): boolean {
  return pseudo === null ? column === null : pseudo.kind === 'row-key';
}

export function isConstant({ pseudo }: Source): boolean {
  return pseudo?.kind === 'constant';
}

/** What a `sourceFiled` names. A column is named by a column, and by the timestamp of one. */
interface NamedSource extends Source {
  /** null: a bare qualifier, looked up in the table; or no column is named. */
  readonly family: string | null;
  /** '' = no column is named, or that of the empty name. */
  readonly qualifier: string;
}

const forms = `write family:qualifier, a bare qualifier, rowkey(), timestamp(family:qualifier), timestamp(), family:* or constant('text')`;
const byteForms = 'a backslash begins a byte, \\x80 say, and stands for itself as \\x5C';
const noColumn = { family: null, qualifier: '' };

/** What is named, or in words what to write. */
export function readSource(source: string): NamedSource | string {
  const call = /^([a-z_]+)\s*\((.*)\)$/is.exec(source);
  if (call !== null) return readCall(call[1]?.toLowerCase() ?? '', (call[2] ?? '').trim());
  const column = splitColumn(source);
  if (typeof column === 'string') return column;
  const { family } = column;
  if (family !== null && source.slice(source.indexOf(':') + 1) === '*')
    return { ...noColumn, pseudo: { kind: 'family', family } };
  return { ...column, pseudo: null };
}

function readCall(name: string, inside: string): NamedSource | string {
  if (name === 'rowkey' && inside === '') return { ...noColumn, pseudo: { kind: 'row-key' } };
  if (name === 'timestamp' && inside === '') return { ...noColumn, pseudo: { kind: 'row-time' } };
  if (name === 'timestamp') {
    const column = splitColumn(inside);
    return typeof column === 'string' ? column : { ...column, pseudo: { kind: 'cell-time' } };
  }
  if (name === 'constant') {
    const [token, ...rest] = readTokens(inside) ?? [];
    if (token?.kind === 'text' && rest.length === 0)
      return { ...noColumn, pseudo: { kind: 'constant', text: token.value } };
  }
  return forms;
}

interface ColumnName {
  readonly family: string | null;
  readonly qualifier: string;
}

/** The column's names as they are printed, or in words what to write. */
function splitColumn(source: string): ColumnName | string {
  const colon = source.indexOf(':');
  if (source === '' || colon === 0) return forms;
  const family = colon < 0 ? null : readName(source.slice(0, colon));
  const qualifier = readName(source.slice(colon + 1));
  const isBlank = colon >= 0 && family === null;
  if (isBlank || qualifier === null) return byteForms;
  return { family, qualifier };
}

/** The one encoding of a source that is no bytes of the user's own; null: any. */
export function ownEncoding(pseudo: Pseudo | null, type: FieldType): string | null {
  switch (pseudo?.kind) {
    case undefined:
    case 'row-key':
      return null;
    case 'cell-time':
    case 'row-time':
      return dateTypeOf(type) === null ? 'int64' : 'epoch-ms';
    case 'family':
      return 'json';
    case 'constant':
      return 'text';
  }
}

/** The writer of a field whose source may be a pseudo one; `problem` says what is wrong with the named key. */
export function compileSource(pseudo: Pseudo | null, spec: ValueSpec): ReturnType<typeof compileValue> {
  const own = ownEncoding(pseudo, spec.type);
  if (own !== null && spec.encoding !== own)
    return { key: 'encoding', problem: `is not how this source is read, which is ${own}; leave it blank` };
  const { zone, charset } = spec.settings;
  if ((pseudo?.kind === 'constant' || pseudo?.kind === 'family') && (zone !== utc || charset !== 'utf-8'))
    return { key: 'sourceFiled', problem: 'takes neither zone nor charset; leave them away' };
  if (pseudo?.kind === 'constant') return compileConstant(pseudo.text, spec);
  const value = compileValue(spec);
  if (pseudo?.kind !== 'family' || 'problem' in value) return value;
  return { ...value, write: compileFamilyJson(value.write) };
}
