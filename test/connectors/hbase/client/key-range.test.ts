// Steps from key to key and region to region: the classic place to lose rows.
import { describe, expect, it } from 'vitest';
import { keyAfter, startBehindRegion } from '../../../../connectors/hbase/client/key-range.ts';

const key = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('key range', () => {
  it('knows the very next key', () => {
    expect(keyAfter(key('a'))).toEqual(key('a\x00'));
    expect(keyAfter(key('\xff\xff'))).toEqual(key('\xff\xff\x00'));
    expect(keyAfter(key(''))).toEqual(key('\x00'));
  });

  it.each([
    ['', '', undefined],
    ['b', '', 'b'],
    ['b', 'c', 'b'],
    ['b', 'b', undefined],
    ['b', 'a', undefined],
    ['\x80', '\xff', '\x80'],
    ['b', 'b\x00', 'b'],
  ])('behind a region that ends at %j a scan up to %j goes on at %j', (end, stop, next) => {
    expect(startBehindRegion(key(end), key(stop))?.toString('latin1')).toBe(next);
  });
});
