// Known regions: floor search by key, newer regions over older ones, and forgetting.
import { describe, expect, it } from 'vitest';
import { RegionCache } from '../../../../connectors/hbase/client/regions/region-cache.ts';
import type { UsableLocation } from '../../../../connectors/hbase/client/regions/region-location.ts';

const key = (text: string): Buffer => Buffer.from(text, 'latin1');

function region(start: string, end: string, regionId = 1n, port = 1): UsableLocation {
  const info = {
    regionId,
    table: 't',
    startKey: key(start),
    endKey: key(end),
    offline: false,
    split: false,
    replicaId: 0,
  };
  return {
    name: key(`t,${start},${regionId}.md5.`),
    info,
    state: 'OPEN',
    server: { host: 'rs', port, startCode: 1n },
  };
}

function setup(...regions: UsableLocation[]): {
  cache: RegionCache;
  nameOf: (row: string) => string | undefined;
} {
  const cache = new RegionCache();
  for (const one of regions) cache.add(one);
  return { cache, nameOf: (row) => cache.find('t', key(row))?.name.toString('latin1') };
}

describe('region cache', () => {
  it('finds the region by its start key, inclusive, up to its end key, exclusive', () => {
    const { nameOf } = setup(region('m', ''), region('', 'b'), region('b', 'm'));
    expect(['', 'a', 'b', 'lzz', 'm', '\xff\xff'].map(nameOf)).toEqual(
      ['', '', 'b', 'b', 'm', 'm'].map((start) => `t,${start},1.md5.`),
    );
  });

  it('compares keys as unsigned bytes', () => {
    const { nameOf } = setup(
      region('', '\x00'),
      region('\x00', '\x80'),
      region('\x80', '\xff'),
      region('\xff', ''),
    );
    expect(['\x00', '\x7f', '\x80', '\xfe', '\xff'].map(nameOf)).toEqual(
      ['\x00', '\x00', '\x80', '\x80', '\xff'].map((start) => `t,${start},1.md5.`),
    );
  });

  it('does not know rows in a gap, or of other tables', () => {
    const { cache, nameOf } = setup(region('b', 'd'));
    expect([nameOf('a'), nameOf('d'), cache.find('users', key('c'))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('puts the daughters of a split in the place of their parent', () => {
    const { nameOf } = setup(region('', 'm'), region('m', ''), region('', 'g', 5n), region('g', 'm', 5n));
    expect(['a', 'g', 'm'].map(nameOf)).toEqual(['t,,5.md5.', 't,g,5.md5.', 't,m,1.md5.']);
  });

  it('forgets the sister of a daughter until meta is read again', () => {
    const { nameOf } = setup(region('', ''), region('', 'g', 5n));
    expect([nameOf('a'), nameOf('h')]).toEqual(['t,,5.md5.', undefined]);
  });

  it('puts a merged region in the place of both', () => {
    const { nameOf } = setup(region('', 'g'), region('g', 'm'), region('m', ''), region('', 'm', 9n));
    expect(['a', 'h', 'm'].map(nameOf)).toEqual(['t,,9.md5.', 't,,9.md5.', 't,m,1.md5.']);
  });

  it('does not let an old region in over a newer one', () => {
    const { nameOf } = setup(region('', 'g', 5n), region('', '', 1n));
    expect([nameOf('a'), nameOf('h')]).toEqual(['t,,5.md5.', undefined]);
  });

  it('takes in a whole table, in the place of what it knew, and the newer where two overlap', () => {
    const { cache, nameOf } = setup(region('', 'c', 7n), region('c', '', 7n));
    cache.replaceTable('t', [region('', 'b'), region('b', 'm', 1n), region('b', 'g', 5n), region('m', '')]);
    expect(['a', 'c', 'h', 'z'].map(nameOf)).toEqual(['t,,1.md5.', 't,b,5.md5.', undefined, 't,m,1.md5.']);
  });

  it('takes the newest place of a region', () => {
    const { cache } = setup(region('', '', 1n, 1), region('', '', 1n, 2));
    expect(cache.find('t', key('a'))?.server.port).toBe(2);
  });

  it('forgets a region, unless it was read anew meanwhile', () => {
    const old = region('', '', 1n, 1);
    const { cache, nameOf } = setup(old);
    cache.add(region('', '', 1n, 2));
    cache.remove(old);
    expect(nameOf('a')).toBeDefined();
    const now = cache.find('t', key('a'));
    if (now !== undefined) cache.remove(now);
    expect(nameOf('a')).toBeUndefined();
  });

  it('forgets all regions of a server', () => {
    const { cache, nameOf } = setup(region('', 'b', 1n, 1), region('b', 'c', 1n, 2), region('c', '', 1n, 1));
    cache.removeServer('rs:1');
    expect(['a', 'b', 'c'].map(nameOf)).toEqual([undefined, 't,b,1.md5.', undefined]);
  });
});
