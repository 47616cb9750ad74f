// Writer and reader of protobuf against each other, at the sizes where lengths change their width, and on broken input.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtoReader, readDelimited } from '../../../../connectors/hbase/client/wire/proto-reader.ts';
import {
  encodeMessage,
  varintSize,
  writeVarint,
} from '../../../../connectors/hbase/client/wire/proto-writer.ts';

const readerOf = (bytes: Uint8Array): ProtoReader => {
  const reader = new ProtoReader(bytes);
  expect(reader.next()).toBe(true);
  return reader;
};

describe('protobuf', () => {
  it('writes the bytes that the format demands', () => {
    const bytes = encodeMessage((writer) =>
      writer.uint32(1, 300).string(2, 'é').bool(3, true).uint64(4, 0xce22bd4a00000054n).float(5, -1),
    );
    expect(bytes.toString('hex')).toBe('08ac021202c3a9180120d4808080a0a9af91ce012d000080bf');
  });

  it('keeps all bits of 64-bit numbers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }), (value) => {
        const bytes = encodeMessage((writer) => writer.uint64(3, value));
        expect(readerOf(bytes).uint64()).toBe(value);
        expect(readerOf(bytes).int64()).toBe(BigInt.asIntN(64, value));
      }),
    );
  });

  it('keeps 32-bit numbers, negative ones included', () => {
    fc.assert(
      fc.property(fc.integer({ min: -0x80000000, max: 0x7fffffff }), (value) => {
        expect(readerOf(encodeMessage((writer) => writer.int32(1, value))).int32()).toBe(value);
      }),
    );
    expect(readerOf(encodeMessage((writer) => writer.uint32(1, 0xffffffff))).uint32()).toBe(0xffffffff);
  });

  it.each([0, 1, 126, 127, 128, 129, 16_382, 16_383, 16_384, 2_097_151, 2_097_152])(
    'nests a message of %i bytes, and another inside it',
    (size) => {
      const payload = Buffer.alloc(size, 0x5a);
      const bytes = encodeMessage((writer) =>
        writer.message(1, (outer) => outer.message(2, (inner) => inner.bytes(3, payload))).uint32(9, 7),
      );
      const outer = readerOf(bytes);
      const inner = readerOf(readerOf(outer.bytes()).bytes());
      expect(inner.bytes().equals(payload)).toBe(true);
      expect(outer.next()).toBe(true);
      expect([outer.field, outer.uint32(), outer.next()]).toEqual([9, 7, false]);
    },
  );

  it('leaves absent values out', () => {
    const bytes = encodeMessage((writer) =>
      writer
        .uint32(1, undefined)
        .string(2, undefined)
        .message(3, undefined)
        .uint64(4, undefined)
        .bool(5, undefined),
    );
    expect(bytes.length).toBe(0);
  });

  it('skips fields of all wire types', () => {
    const fixed64 = Buffer.from([(2 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8]);
    const rest = encodeMessage((writer) => writer.uint64(1, -1n).float(3, 1).string(4, 'text').uint32(5, 1));
    const reader = new ProtoReader(Buffer.concat([fixed64, rest]));
    const seen: number[] = [];
    while (reader.next()) {
      seen.push(reader.field);
      reader.skip();
    }
    expect(seen).toEqual([2, 1, 3, 4, 5]);
  });

  it.each([
    ['a field that passes the end', [0x0a, 5, 1]],
    ['an unfinished varint', [0x08, 0x80]],
    ['a varint of eleven bytes', [0x08, ...Array<number>(10).fill(0x80), 1]],
    ['an unknown wire type', [0x0b, 1]],
  ])('refuses %s', (_, bytes) => {
    const reader = new ProtoReader(Buffer.from(bytes));
    expect(() => {
      while (reader.next()) reader.skip();
    }).toThrow(expect.objectContaining({ code: 'HBASE_FAILED' }));
  });

  it('refuses a value of another type than asked for', () => {
    const bytes = encodeMessage((writer) => writer.string(1, 'text'));
    expect(() => readerOf(bytes).uint32()).toThrow(/wire type 2 instead of 0/);
  });

  it('reads length-prefixed messages and refuses one that passes its frame', () => {
    const frame = Buffer.from([0xff, 2, 0x08, 7, 0xff]);
    const reader = readDelimited(frame, 1, frame.length);
    expect([reader.next(), reader.uint32(), reader.offset, reader.end]).toEqual([true, 7, 4, 4]);
    expect(() => readDelimited(frame, 1, 3)).toThrow(/passes the end of its frame/);
  });

  it('knows the size of a varint before writing it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
        expect(writeVarint(Buffer.alloc(5), 0, value)).toBe(varintSize(value));
      }),
    );
  });
});
