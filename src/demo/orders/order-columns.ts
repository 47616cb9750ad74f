// The columns of the sample table: where a value stands in HBase, how it is encoded there, and what it becomes in the target.
// A value is compared as text in one canonical form, which is made here from the bytes in HBase on the one side and from what
// the target's driver gives on the other; the connectors' own encoders and decoders have no part in it.

export type ColumnKind =
  'key' | 'long' | 'int' | 'double' | 'boolean' | 'decimal' | 'date' | 'datetime' | 'text';

export interface OrderColumn {
  /** In the target. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** Of the target, as the mapping spells it. */
  readonly fieldType: string;
  readonly family: string;
  readonly qualifier: string;
}

/** The name by which the mapping speaks of the row key. */
export const keyName = 'rowkey';

export const orderColumns: readonly OrderColumn[] = [
  { name: 'order_key', kind: 'key', fieldType: 'varchar(32)', family: '', qualifier: keyName },
  { name: 'order_id', kind: 'long', fieldType: 'bigint', family: 'o', qualifier: 'id' },
  { name: 'customer', kind: 'text', fieldType: 'varchar(64)', family: 'o', qualifier: 'customer' },
  { name: 'city', kind: 'text', fieldType: 'varchar(32)', family: 'o', qualifier: 'city' },
  { name: 'quantity', kind: 'int', fieldType: 'int', family: 'o', qualifier: 'quantity' },
  { name: 'weight', kind: 'double', fieldType: 'double', family: 'o', qualifier: 'weight' },
  { name: 'amount', kind: 'decimal', fieldType: 'decimal(18,4)', family: 'o', qualifier: 'amount' },
  { name: 'paid', kind: 'boolean', fieldType: 'boolean', family: 'o', qualifier: 'paid' },
  { name: 'order_day', kind: 'date', fieldType: 'date', family: 'o', qualifier: 'day' },
  { name: 'placed_at', kind: 'datetime', fieldType: 'datetime(3)', family: 'o', qualifier: 'placed' },
  { name: 'coupon', kind: 'text', fieldType: 'varchar(20)', family: 'x', qualifier: 'coupon' },
  { name: 'remark', kind: 'text', fieldType: 'varchar(500)', family: 'x', qualifier: 'remark' },
];

export const orderFamilies = ['o', 'x'] as const;

/** All columns but the key, which is no cell. */
export const cellColumns = orderColumns.filter((column) => column.kind !== 'key');

const encodingOf: Readonly<Partial<Record<ColumnKind, string>>> = {
  long: 'int64',
  int: 'int32',
  double: 'double',
  boolean: 'boolean',
};

/** `pkuse.hbase.filed.mapping` of the sample table. */
export function orderMapping(): string {
  return JSON.stringify(
    orderColumns.map(({ name, kind, fieldType, family, qualifier }) => ({
      sourceFiled: kind === 'key' ? keyName : `${family}:${qualifier}`,
      targetFiled: name,
      fieldType,
      ...(kind === 'key' ? { ispk: '1' } : {}),
      ...(encodingOf[kind] === undefined ? {} : { encoding: encodingOf[kind] }),
    })),
  );
}

export type OrderValue = string | number | bigint | boolean;

/** As HBase's own Bytes.toBytes has it: numbers big-endian, true 0xFF, text utf-8. */
export function encodeValue(kind: ColumnKind, value: OrderValue): Buffer {
  const bytes = Buffer.alloc(8);
  switch (kind) {
    case 'long':
      bytes.writeBigInt64BE(BigInt(value));
      return bytes;
    case 'double':
      bytes.writeDoubleBE(Number(value));
      return bytes;
    case 'int':
      bytes.writeInt32BE(Number(value));
      return bytes.subarray(0, 4);
    case 'boolean':
      return Buffer.from([value === true ? 0xff : 0]);
    case 'key':
    case 'decimal':
    case 'date':
    case 'datetime':
    case 'text':
      return Buffer.from(String(value));
  }
}

/** The canonical text of a cell's bytes. */
export function textOfBytes(kind: ColumnKind, bytes: Buffer): string {
  switch (kind) {
    case 'long':
      return String(bytes.readBigInt64BE());
    case 'double':
      return String(bytes.readDoubleBE());
    case 'int':
      return String(bytes.readInt32BE());
    case 'boolean':
      return bytes[0] === 0 ? '0' : '1';
    case 'decimal':
      return plainDecimal(bytes.toString());
    case 'key':
    case 'date':
    case 'datetime':
    case 'text':
      return bytes.toString();
  }
}

/** What a database's driver may give for a column read as text, or for a double. */
export type TargetValue = string | number | bigint | Buffer | null | undefined;

/** The canonical text of what the target holds; null = NULL. */
export function textOfTarget(kind: ColumnKind, value: TargetValue): string | null {
  if (value === null || value === undefined) return null;
  const text = value.toString();
  if (kind === 'double') return String(Number(text));
  return kind === 'decimal' ? plainDecimal(text) : text;
}

/** Without zeros that mean nothing: `012.500` and `12.5` are one number. */
export function plainDecimal(text: string): string {
  const match = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
  return digits === '0' ? '0' : sign + digits;
}
