// May two rows of the table have one key in the target? They can't when the key's fields, taken together, tell the whole row key:
//   one field that holds all of it, or slices that lie end to end, or all parts between a separator – each behind rules, an
//   encoding and a type that read no two keys alike.
// Rows that merge would be missing in the target and nobody would see it, so a key made of less is refused by the sink, unless the
// user allows it. Where a column is the key, the user has chosen one that is not the row key: the run is not proved, and says so.
import type { RowSchema } from '../../src/core/field-type.ts';
import type { ByteRule, Kept } from './byte-rule.ts';
import type { SourceColumn } from './cell-decoder.ts';
import { findEncoding } from './encodings/all-encodings.ts';
import type { MappedField } from './field-mapping.ts';
import { isPrinted } from './key-digits.ts';
import { isConstant, isRowKey } from './pseudo-field.ts';

type Columns = readonly (SourceColumn | null)[];

/** What the schema says of it; undefined: rows can't merge. */
export function findMerging(fields: readonly MappedField[], columns: Columns): RowSchema['merging'] {
  const keys = [...fields.entries()].filter(([, field]) => field.isKey);
  const ofRowKey = keys.filter(([index, field]) => isRowKey(field, columns[index] ?? null));
  if (keys.length === 0 || tellWhole(ofRowKey.map(([, field]) => keptBy(field)))) return undefined;
  const names = keys.map(([, { target, source }]) => `${target} (from ${source})`).join(', ');
  const byColumn = keys.some(([index]) => (columns[index] ?? null) !== null);
  if (byColumn)
    return {
      chosen: true,
      reason: `the key ${names} is not the row key: rows that have it in common are one in the target`,
    };
  return {
    chosen: false,
    reason: `the key ${names} does not tell the whole row key, so different rows could be one: ${whyNot(ofRowKey.map(([, field]) => field))}`,
  };
}

function whyNot(fields: readonly MappedField[]): string {
  const inexact = fields.find((field) => !isExact(field));
  if (fields.length === 0) return 'add a field that holds rowkey()';
  if (inexact === undefined)
    return `add a field that holds rowkey(), or the other parts of it, each with the number of parts: part('_',1,2) and part('_',2,2)`;
  const { target, encoding, mapRule, type } = inexact;
  return mapRule === ''
    ? `${encoding} into ${type.kind} reads some keys alike in ${target}; make it a string, or add a field that holds rowkey()`
    : `the maprule of ${target} makes some keys alike; leave it away, or add a field that holds rowkey()`;
}

type KeptPart = Pick<ByteRule, 'kept' | 'wholeBy'>;

function keptBy(field: MappedField): KeptPart {
  const { kept, wholeBy } = field.byteRule;
  return { wholeBy, kept: isExact(field) ? kept : { kind: 'some' } };
}

/** Do encoding, map rule and type read no two byte sequences alike? Some GBK characters have two. */
function isExact(field: MappedField): boolean {
  if (isConstant(field)) return false;
  const { encoding, type, mapRule, settings } = field;
  if (mapRule !== '' || settings.charset === 'gbk') return false;
  return isPrinted(field) || findEncoding(encoding)?.oneToOne(type) === true;
}

function tellWhole(parts: readonly KeptPart[]): boolean {
  if (parts.some(({ kept }) => kept.kind === 'all')) return true;
  const wholes = new Set(parts.map(({ wholeBy }) => wholeBy));
  return [...wholes].some((whole) => {
    const kept = parts.filter(({ wholeBy }) => wholeBy === whole).map((part) => part.kept);
    return slicesTellAll(kept) || partsTellAll(kept);
  });
}

function slicesTellAll(kept: readonly Kept[]): boolean {
  const slices = kept.filter((each) => each.kind === 'slice').sort((a, b) => a.from - b.from);
  let known = 0;
  for (const { from, until } of slices) if (from <= known) known = Math.max(known, until);
  return known === Infinity;
}

function partsTellAll(kept: readonly Kept[]): boolean {
  const parts = kept.filter((each) => each.kind === 'part');
  return parts.some(({ separator, of }) => {
    const same = parts.filter((other) => other.separator === separator && other.of === of);
    return new Set(same.map(({ index }) => index)).size === of;
  });
}
