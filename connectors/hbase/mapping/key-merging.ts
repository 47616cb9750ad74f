// May two rows of the table have one key in the target? They can't when the key's fields, taken together, tell the whole row key:
//   one field that holds all of it, or slices that lie end to end, or all parts between a separator – each behind rules, an
//   encoding and a type that read no two keys alike.
// Rows that merge would be missing in the target and nobody would see it, so a key made of less is refused by the sink, unless the
// user allows it. Where a column is the key, the user has chosen one that is not the row key: the run is not proved, and says so.
import { kindName } from '../../../src/core/connector/field-type.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { Text } from '../../../src/core/text.ts';
import type { ByteRule, Kept } from './byte-rule.ts';
import type { SourceColumn } from './column-name.ts';
import { findEncoding } from '../encodings/all-encodings.ts';
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
      reason: {
        en: `the key ${names} is not the row key: rows that have it in common are one in the target`,
        zh: `主键 ${names} 不是行键：主键相同的行在目标中合并为一行`,
      },
    };
  const why = whyNot(ofRowKey.map(([, field]) => field));
  return {
    chosen: false,
    reason: {
      en: `the key ${names} does not tell the whole row key, so different rows could be one: ${why.en}`,
      zh: `主键 ${names} 不能还原完整的行键，不同的行可能合并为一行：${why.zh}`,
    },
  };
}

function whyNot(fields: readonly MappedField[]): Text {
  const inexact = fields.find((field) => !isExact(field));
  if (fields.length === 0)
    return { en: 'add a field that holds rowkey()', zh: '请添加一个取值为 rowkey() 的字段' };
  if (inexact === undefined)
    return {
      en: `add a field that holds rowkey(), or the other parts of it, each with the number of parts: part('_',1,2) and part('_',2,2)`,
      zh: `请添加取值为 rowkey() 的字段，或添加行键的其余部分，并注明总段数：part('_',1,2) 与 part('_',2,2)`,
    };
  const { target, encoding, mapRule, type } = inexact;
  return mapRule === ''
    ? {
        en: `${encoding} into ${kindName(type.kind)} reads some keys alike in ${target}; make it a string, or add a field that holds rowkey()`,
        zh: `${target} 按 ${encoding} 读为 ${kindName(type.kind)} 时，某些不同的键会读成相同的值；请改为 string，或添加取值为 rowkey() 的字段`,
      }
    : {
        en: `the maprule of ${target} makes some keys alike; leave it away, or add a field that holds rowkey()`,
        zh: `${target} 的 maprule 会使某些不同的键变得相同；请去掉它，或添加取值为 rowkey() 的字段`,
      };
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
