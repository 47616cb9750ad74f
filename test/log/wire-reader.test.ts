// An answer that is none of Kafka's is refused, never read in circles.
import { expect, it } from 'vitest';
import { WireReader } from '../../src/log/kafka/wire/wire-reader.ts';

it('a length below zero does not lead back into the answer', () => {
  const bytes = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f, 0x00, 0xfb, 0xff, 0xff, 0xff, 0x0f]);
  expect(() => new WireReader(bytes).skipTags()).toThrow(RangeError);
  expect(() => new WireReader(Buffer.from([0x01, 0x00, 0xfa, 0xff, 0xff, 0xff, 0x0f])).skipTags()).toThrow(
    RangeError,
  );
});

it('a number of more than five bytes is refused', () => {
  expect(() => new WireReader(Buffer.alloc(64, 0x80)).unsignedVarint()).toThrow(RangeError);
  expect(new WireReader(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f])).unsignedVarint()).toBe(0xffffffff);
});
