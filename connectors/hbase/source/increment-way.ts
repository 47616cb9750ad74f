// Which way an increment by cell timestamp is read, for each range: by the keys of changed rows, or by a scan of everything.
//   much changed: a row by multi-get costs about five times what it costs in a scan, so from one in five on the scan is cheaper
//   in memory:    a windowed scan seeks from column to column; in files a seek inside a block is a skip, in the memstore each one
//                 is a search from the top (5 µs, against 0.2 µs of a step), so everything read one by one is far cheaper
import type { IncrementWay } from './increments.ts';
import type { Text } from '../../../src/core/text.ts';
import type { RegionLoad } from '../client/messages/admin.ts';
import type { TableSample } from '../plan/table-sample.ts';

const scanFromShare = 0.2;
/** Below so many rows it does not matter. */
const worthChoosing = 20_000;
/** The part of a region that may be in memory before a windowed scan is dearer, and what is too little to matter. */
const memoryShare = 0.2;
const smallMegabytes = 2;

export interface WayRequest {
  readonly from: number;
  readonly sample: TableSample;
  readonly loads: readonly RegionLoad[];
  readonly estimatedRows: number;
}

export interface ChosenWays {
  /** For a range of a region, by the region's name in hex. */
  readonly wayOf: (region: string) => IncrementWay;
  readonly note: Text;
}

export function chooseWays({ from, sample, loads, estimatedRows }: WayRequest): ChosenWays {
  const times = sample.regions.flatMap((region) => region.newestTimes);
  const changed = times.filter((time) => time >= from).length;
  const share = times.length === 0 ? 0 : changed / times.length;
  const found = {
    en: `${changed} of ${times.length} sampled rows changed`,
    zh: `抽样的 ${times.length} 行中有 ${changed} 行已变更`,
  };
  if (share >= scanFromShare && estimatedRows >= worthChoosing)
    return {
      wayOf: () => 'all',
      note: {
        en: `increment by cell timestamp: a scan of everything, changed rows taken here, as ${found.en}`,
        zh: `按单元格时间戳增量：${found.zh}，故全表扫描并在本地筛选`,
      },
    };
  const inMemory = new Set(loads.filter(isInMemory).map((load) => load.regionName.toString('hex')));
  const keys: Text = {
    en: `increment by cell timestamp: changed keys by a windowed scan, then whole rows, as ${found.en}`,
    zh: `按单元格时间戳增量：${found.zh}，故先扫描变更的键，再读整行`,
  };
  if (inMemory.size === 0) return { wayOf: () => 'keys', note: keys };
  return {
    wayOf: (region) => (inMemory.has(region) ? 'all' : 'keys'),
    note: {
      en: `${keys.en}; of ${loads.length} regions, ${inMemory.size} not yet flushed to files by a scan of everything`,
      zh: `${keys.zh}；${loads.length} 个 region 中有 ${inMemory.size} 个尚未落盘，全部扫描`,
    },
  };
}

function isInMemory({ memstoreMegabytes, uncompressedMegabytes }: RegionLoad): boolean {
  return (
    memstoreMegabytes >= smallMegabytes &&
    memstoreMegabytes >= (memstoreMegabytes + uncompressedMegabytes) * memoryShare
  );
}
