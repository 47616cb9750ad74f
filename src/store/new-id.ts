// UUIDs of version 7: 48 bits of milliseconds, 12 bits of counter, 62 random bits. They sort by the time they were made,
// so an id is also the cursor of a page and rows are inserted at the end of the index.
import { randomBytes } from 'node:crypto';

export type NewId = (nowMs: number) => string;

/** Ids of one source rise strictly, also within a millisecond and when the clock steps back. */
export function createIdSource(): NewId {
  let lastMs = 0;
  let counter = 0;
  return (nowMs) => {
    counter += 1;
    if (nowMs > lastMs || counter > 0xfff) {
      lastMs = Math.max(nowMs, lastMs + 1);
      counter = 0;
    }
    const tail = randomBytes(8);
    tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80;
    const head = lastMs.toString(16).padStart(12, '0') + '7' + counter.toString(16).padStart(3, '0');
    const hex = head + tail.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
}
