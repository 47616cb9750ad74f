// Filters that a region server runs; the name is the full Java class.
// Filter{1! string name 2 bytes serialized_filter}
// FilterList{1! enum MUST_PASS_ALL1 MUST_PASS_ONE2  2* Filter}  KeyOnlyFilter{1! bool len_as_val}  FirstKeyOnlyFilter{}
// RandomRowFilter{1! float chance}  PrefixFilter{1 bytes prefix}  MultipleColumnPrefixFilter{1* bytes sorted_prefixes}
// SingleColumnValueFilter{1 bytes family 2 bytes qualifier 3! enum compare_op 4! Comparator 5 bool filter_if_missing
//   6 bool latest_version_only}  Comparator{1! string name 2 bytes serialized}
// BinaryComparator{1! ByteArrayComparable{1 bytes value}}  RowFilter{1! CompareFilter{1! enum compare_op 2 Comparator}}
// PageFilter{1! int64 page_size}
// RegexStringComparator{1! string pattern 2! int32 flags 3! string charset 4 string engine}
import { unreadable } from '../hbase-error.ts';
import { readComparator, writeBinaryComparator, writeComparator } from './comparator.ts';
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';

/** How bytes are compared, in the order of HBase's enum; what stands in the table is on the left. */
const comparisons = ['less', 'less-or-equal', 'equal', 'not-equal', 'greater-or-equal', 'greater'] as const;
export type Comparison = (typeof comparisons)[number];

export type Filter =
  | { readonly kind: 'all' | 'any'; readonly filters: readonly Filter[] }
  /** Cells come without their value. */
  | { readonly kind: 'key-only' }
  /** The first cell of each row. */
  | { readonly kind: 'first-key-only' }
  /** Each row with this probability; below 0 no row at all, which counts rows without sending them. */
  | { readonly kind: 'random-row'; readonly chance: number }
  | { readonly kind: 'prefix'; readonly prefix: Uint8Array }
  /** Rows by a comparison of their key. */
  | { readonly kind: 'row'; readonly compare: Comparison; readonly key: Uint8Array }
  /** So many rows of each region. */
  | { readonly kind: 'page'; readonly rows: number }
  /** Rows by a comparison of the newest value of a column. */
  | {
      readonly kind: 'column-value';
      readonly family: Uint8Array;
      readonly qualifier: Uint8Array;
      readonly compare: Comparison;
      readonly value: Uint8Array;
      /** Rows without the column pass too. */
      readonly passMissing: boolean;
    }
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
    case 'page':
      return {
        className: 'PageFilter',
        body: encodeMessage((writer) => writer.uint64(1, BigInt(filter.rows))),
      };
    case 'row':
      return {
        className: 'RowFilter',
        body: encodeMessage((writer) =>
          writer.message(1, (inner) =>
            inner
              .uint32(1, comparisons.indexOf(filter.compare))
              .message(2, writeBinaryComparator(filter.key)),
          ),
        ),
      };
    case 'column-value':
    case 'value-not-matching':
      return {
        className: 'SingleColumnValueFilter',
        body: encodeMessage((writer) => writeValueFilter(writer, filter)),
      };
  }
}

function writeValueFilter(
  writer: ProtoWriter,
  filter: Extract<Filter, { kind: 'column-value' | 'value-not-matching' }>,
): void {
  const byValue = filter.kind === 'column-value';
  writer
    .bytes(1, filter.family)
    .bytes(2, filter.qualifier)
    .uint32(3, comparisons.indexOf(byValue ? filter.compare : 'not-equal'))
    .message(4, byValue ? writeBinaryComparator(filter.value) : writePattern(filter.pattern))
    .bool(5, !byValue || !filter.passMissing)
    .bool(6, true);
}

function writePattern(pattern: string): (writer: ProtoWriter) => void {
  const body = encodeMessage((inner) =>
    inner.string(1, pattern).uint32(2, dotAll).string(3, 'ISO-8859-1').string(4, 'JAVA'),
  );
  return writeComparator('RegexStringComparator', body);
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
    case 'PageFilter':
      return { kind: 'page', rows: readPageSize(body) };
    case 'RowFilter':
      return readRowFilter(body);
    case 'SingleColumnValueFilter':
      return readValueFilter(body);
    default:
      throw unreadable(`reading a filter: class ${name} is unknown`);
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

function readPageSize(bytes: Uint8Array): number {
  const reader = new ProtoReader(bytes);
  return reader.next() ? Number(reader.uint64()) : 0;
}

function readRowFilter(bytes: Uint8Array): Filter {
  const outer = new ProtoReader(bytes);
  const reader = new ProtoReader(outer.next() ? outer.bytes() : bytes);
  let [compare, key]: [Comparison, Buffer] = ['less', Buffer.alloc(0)];
  while (reader.next()) {
    if (reader.field === 1) compare = comparisons[reader.uint32()] ?? 'less';
    else if (reader.field === 2) key = readComparator(reader.bytes()).value;
    else reader.skip();
  }
  return { kind: 'row', compare, key };
}

/** By a pattern that does not match, or by bytes: the comparisons that we make. */
function readValueFilter(bytes: Uint8Array): Filter {
  const reader = new ProtoReader(bytes);
  let [family, qualifier] = [Buffer.alloc(0), Buffer.alloc(0)];
  let [compare, passMissing]: [Comparison, boolean] = ['less', true];
  let comparator: ReturnType<typeof readComparator> = { className: '', value: Buffer.alloc(0) };
  while (reader.next()) {
    if (reader.field === 1) family = Buffer.from(reader.bytes());
    else if (reader.field === 2) qualifier = Buffer.from(reader.bytes());
    else if (reader.field === 3) compare = comparisons[reader.uint32()] ?? 'less';
    else if (reader.field === 4) comparator = readComparator(reader.bytes());
    else if (reader.field === 5) passMissing = !reader.bool();
    else reader.skip();
  }
  const { className, value } = comparator;
  return className === 'RegexStringComparator'
    ? { kind: 'value-not-matching', family, qualifier, pattern: value.toString() }
    : { kind: 'column-value', family, qualifier, compare, value, passMissing };
}
