// What the writer writes, the reader reads: over the border where the writer's buffer grows.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WireReader } from '../../src/log/kafka/wire/wire-reader.ts';
import { WireWriter } from '../../src/log/kafka/wire/wire-writer.ts';

it('reads back every primitive, however much was written before it', () => {
  const values = fc.record({
    before: fc.integer({ min: 0, max: 600 }),
    int8: fc.integer({ min: -128, max: 127 }),
    int16: fc.integer({ min: -32_768, max: 32_767 }),
    int32: fc.integer(),
    int64: fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    varint: fc.integer({ min: 0, max: 0x7fffffff }),
    text: fc.string({ unit: 'grapheme', maxLength: 300 }),
  });
  fc.assert(
    fc.property(values, ({ before, int8, int16, int32, int64, varint, text }) => {
      const writer = new WireWriter().raw(Buffer.alloc(before));
      writer.int8(int8).int16(int16).int32(int32).int64(int64).unsignedVarint(varint);
      writer.string(text).compactString(text).string(null).tags().boolean(true);
      writer.array([1, 2], (item) => writer.int32(item));
      writer.compactArray([3], (item) => writer.int32(item));
      const reader = new WireReader(writer.finish(), before);
      const read = [reader.int8(), reader.int16(), reader.int32(), reader.int64(), reader.unsignedVarint()];
      expect(read).toEqual([int8, int16, int32, int64, varint]);
      expect([reader.string(), reader.compactString(), reader.string()]).toEqual([text, text, null]);
      reader.skipTags();
      expect(reader.boolean()).toBe(true);
      expect(reader.array(() => reader.int32())).toEqual([1, 2]);
      expect(reader.compactArray(() => reader.int32())).toEqual([3]);
      expect(() => reader.int8()).toThrow(RangeError);
    }),
  );
});
