// About the last key of a range without an end, by bisection with one-row reads: a range can only be cut well between two ends.
import { commonPrefix } from './key-cuts.ts';
import type { HBaseClient } from './rpc/client.ts';
import { rowKeyAt } from './rpc/cell-block.ts';
import type { KeyRange } from './rpc/key-range.ts';
import type { CallOptions } from './rpc/call-context.ts';

/** Cutting looks at the bytes behind the prefix that all keys share: two of them are near enough. */
const exactBytes = 2;
const depthBytes = 8;
const farAway = Buffer.alloc(depthBytes, 0xff);

/** A key of the range from `first` on (which exists) that has few keys behind it. */
export async function findLastKey(
  client: HBaseClient,
  table: string,
  first: Buffer,
  options: CallOptions,
): Promise<Buffer> {
  const firstFrom = (start: Buffer): Promise<Buffer | null> =>
    firstKeyFrom(client, table, { range: { start, stop: Buffer.alloc(0) }, ...options });
  let known = first;
  let beyond: Buffer = farAway;
  // Ever shorter prefixes of the first key, until no key lies behind all that begin with it.
  for (let length = first.length; ; length -= 1) {
    beyond = Buffer.concat([first.subarray(0, length), farAway]);
    const found = length === 0 ? null : await firstFrom(beyond);
    if (found === null) break;
    known = found;
  }
  while (commonPrefix(known, beyond) < commonPrefix(first, known) + exactBytes) {
    const middle = between(known, beyond);
    if (middle === null) break;
    const found = await firstFrom(middle);
    if (found === null) beyond = middle;
    else known = found;
  }
  return known;
}

/** null: there is no room, within the bytes that are looked at. */
function between(low: Buffer, high: Buffer): Buffer | null {
  const prefix = commonPrefix(low, high);
  const part = (key: Buffer): bigint => {
    const bytes = Buffer.alloc(depthBytes);
    key.copy(bytes, 0, prefix, prefix + depthBytes);
    return bytes.readBigUInt64BE();
  };
  const [from, to] = [part(low), part(high)];
  if (to - from < 2n) return null;
  const digits = Buffer.alloc(depthBytes);
  digits.writeBigUInt64BE(from + (to - from) / 2n);
  return Buffer.concat([low.subarray(0, prefix), digits]);
}

async function firstKeyFrom(
  client: HBaseClient,
  table: string,
  options: CallOptions & { readonly range: KeyRange },
): Promise<Buffer | null> {
  const filter = { kind: 'all', filters: [{ kind: 'first-key-only' }, { kind: 'key-only' }] } as const;
  const scanner = client.scan({ ...options, table, filter, readType: 'pread', limitRows: 1 });
  let key: Buffer | null = null;
  for await (const { buffer, rowStarts } of scanner) key ??= Buffer.from(rowKeyAt(buffer, rowStarts[0] ?? 0));
  return key;
}
