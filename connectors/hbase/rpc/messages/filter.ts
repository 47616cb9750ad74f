// Filters that a region server runs; the name is the full Java class.
// Filter{1! string name 2 bytes serialized_filter}
// FilterList{1! enum MUST_PASS_ALL1 MUST_PASS_ONE2  2* Filter}  KeyOnlyFilter{1! bool len_as_val}  FirstKeyOnlyFilter{}
// RandomRowFilter{1! float chance}  PrefixFilter{1 bytes prefix}  MultipleColumnPrefixFilter{1* bytes sorted_prefixes}
// SingleColumnValueFilter{1 bytes family 2 bytes qualifier 3! enum compare_op NOT_EQUAL=3 4! Comparator 5 bool filter_if_missing
//   6 bool latest_version_only}  Comparator{1! string name 2 bytes serialized}
// RegexStringComparator{1! string pattern 2! int32 flags 3! string charset 4 string engine}
import { SyncError } from '../../../../src/core/errors.ts';
import { ProtoReader } from '../proto-reader.ts';
import { encodeMessage } from '../proto-writer.ts';
import type { ProtoWriter } from '../proto-writer.ts';

export type Filter =
  | { readonly kind: 'all' | 'any'; readonly filters: readonly Filter[] }
  /** Cells come without their value. */
  | { readonly kind: 'key-only' }
  /** The first cell of each row. */
  | { readonly kind: 'first-key-only' }
  /** Each row with this probability; below 0 no row at all, which counts rows without sending them. */
  | { readonly kind: 'random-row'; readonly chance: number }
  | { readonly kind: 'prefix'; readonly prefix: Uint8Array }
  /** Cells whose qualifier begins with one of these, in any family. */
  | { readonly kind: 'column-prefixes'; readonly prefixes: readonly Uint8Array[] }
  /** Rows that have the column, and whose newest value in it does not match the pattern (Java's, over bytes as latin1). */
  | {
      readonly kind: 'value-not-matching';
      readonly family: Uint8Array;
      readonly qualifier: Uint8Array;
      readonly pattern: string;
    };

const javaPackage = 'org.apache.hadoop.hbase.filter.';
const operators = { all: 1, any: 2 } as const;
const notEqual = 3;
/** java.util.regex.Pattern.DOTALL */
const dotAll = 32;

export function writeFilter(filter: Filter): (writer: ProtoWriter) => void {
  const { className, body } = serializeFilter(filter);
  return (writer) => writer.string(1, javaPackage + className).bytes(2, body);
}

function serializeFilter(filter: Filter): { className: string; body: Buffer } {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return { className: 'FilterList', body: encodeMessage((writer) => writeFilterList(writer, filter)) };
    case 'key-only':
      return { className: 'KeyOnlyFilter', body: encodeMessage((writer) => writer.bool(1, false)) };
    case 'first-key-only':
      return { className: 'FirstKeyOnlyFilter', body: Buffer.alloc(0) };
    case 'random-row':
      return {
        className: 'RandomRowFilter',
        body: encodeMessage((writer) => writer.float(1, filter.chance)),
      };
    case 'prefix':
      return { className: 'PrefixFilter', body: encodeMessage((writer) => writer.bytes(1, filter.prefix)) };
    case 'column-prefixes':
      return {
        className: 'MultipleColumnPrefixFilter',
        body: encodeMessage((writer) => {
          for (const prefix of filter.prefixes) writer.bytes(1, prefix);
        }),
      };
    case 'value-not-matching':
      return {
        className: 'SingleColumnValueFilter',
        body: encodeMessage((writer) => writeValueFilter(writer, filter)),
      };
  }
}

function writeValueFilter(
  writer: ProtoWriter,
  filter: Extract<Filter, { kind: 'value-not-matching' }>,
): void {
  const comparator = encodeMessage((inner) =>
    inner.string(1, filter.pattern).uint32(2, dotAll).string(3, 'ISO-8859-1').string(4, 'JAVA'),
  );
  writer
    .bytes(1, filter.family)
    .bytes(2, filter.qualifier)
    .uint32(3, notEqual)
    .message(4, (inner) => inner.string(1, `${javaPackage}RegexStringComparator`).bytes(2, comparator))
    .bool(5, true)
    .bool(6, true);
}

function writeFilterList(writer: ProtoWriter, list: Extract<Filter, { kind: 'all' | 'any' }>): void {
  writer.uint32(1, operators[list.kind]);
  for (const filter of list.filters) writer.message(2, writeFilter(filter));
}

/** Throws HBASE_FAILED for a class that is not one of ours. */
export function readFilter(bytes: Uint8Array): Filter {
  const reader = new ProtoReader(bytes);
  let name = '';
  let body: Buffer = Buffer.alloc(0);
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) body = reader.bytes();
    else reader.skip();
  }
  switch (name.slice(javaPackage.length)) {
    case 'FilterList':
      return readFilterList(body);
    case 'KeyOnlyFilter':
      return { kind: 'key-only' };
    case 'FirstKeyOnlyFilter':
      return { kind: 'first-key-only' };
    case 'RandomRowFilter':
      return { kind: 'random-row', chance: readChance(body) };
    case 'PrefixFilter':
      return { kind: 'prefix', prefix: readPrefixes(body)[0] ?? Buffer.alloc(0) };
    case 'MultipleColumnPrefixFilter':
      return { kind: 'column-prefixes', prefixes: readPrefixes(body) };
    case 'SingleColumnValueFilter':
      return readValueFilter(body);
    default:
      throw new SyncError('HBASE_FAILED', { message: `reading a filter: class ${name} is unknown` });
  }
}

function readFilterList(bytes: Uint8Array): Filter {
  const reader = new ProtoReader(bytes);
  const filters: Filter[] = [];
  let kind: 'all' | 'any' = 'all';
  while (reader.next()) {
    if (reader.field === 1) kind = reader.uint32() === operators.any ? 'any' : 'all';
    else if (reader.field === 2) filters.push(readFilter(reader.bytes()));
    else reader.skip();
  }
  return { kind, filters };
}

function readChance(bytes: Uint8Array): number {
  const reader = new ProtoReader(bytes);
  return reader.next() ? reader.float() : 0;
}

function readPrefixes(bytes: Uint8Array): Buffer[] {
  const reader = new ProtoReader(bytes);
  const prefixes: Buffer[] = [];
  while (reader.next()) {
    if (reader.field === 1) prefixes.push(Buffer.from(reader.bytes()));
    else reader.skip();
  }
  return prefixes;
}

/** Of the one comparison that we make. */
function readValueFilter(bytes: Uint8Array): Filter {
  const reader = new ProtoReader(bytes);
  let [family, qualifier, pattern] = [Buffer.alloc(0), Buffer.alloc(0), ''];
  while (reader.next()) {
    if (reader.field === 1) family = Buffer.from(reader.bytes());
    else if (reader.field === 2) qualifier = Buffer.from(reader.bytes());
    else if (reader.field === 4) pattern = readPattern(reader.bytes());
    else reader.skip();
  }
  return { kind: 'value-not-matching', family, qualifier, pattern };
}

function readPattern(comparator: Uint8Array): string {
  const outer = new ProtoReader(comparator);
  while (outer.next()) {
    if (outer.field !== 2) {
      outer.skip();
      continue;
    }
    const inner = new ProtoReader(outer.bytes());
    return inner.next() ? inner.string() : '';
  }
  return '';
}
