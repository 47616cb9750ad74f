// What a value or a key is compared with.
// Comparator{1! string class 2 bytes serialized}  BinaryComparator{1! ByteArrayComparable{1 bytes value}}
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';

const javaPackage = 'org.apache.hadoop.hbase.filter.';

/** A Comparator that compares bytes, unsigned. */
export function writeBinaryComparator(value: Uint8Array): (writer: ProtoWriter) => void {
  const body = encodeMessage((inner) => inner.message(1, (bytes) => bytes.bytes(1, value)));
  return writeComparator('BinaryComparator', body);
}

/** `className` without its package. */
export function writeComparator(className: string, body: Uint8Array): (writer: ProtoWriter) => void {
  return (writer) => writer.string(1, javaPackage + className).bytes(2, body);
}

/** The class without its package, and its body's first field: a pattern, or the bytes of a BinaryComparator. */
export function readComparator(bytes: Uint8Array): { className: string; value: Buffer } {
  const reader = new ProtoReader(bytes);
  let className = '';
  let value: Buffer = Buffer.alloc(0);
  while (reader.next()) {
    if (reader.field === 1) className = reader.string().slice(javaPackage.length);
    else if (reader.field === 2) value = firstField(reader.bytes());
    else reader.skip();
  }
  return { className, value: className === 'BinaryComparator' ? firstField(value) : value };
}

function firstField(message: Uint8Array): Buffer {
  const reader = new ProtoReader(message);
  return reader.next() ? Buffer.from(reader.bytes()) : Buffer.alloc(0);
}
