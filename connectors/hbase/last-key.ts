// About the last key of a range without an end, by bisection with one-row reads: a range can only be cut well between two ends.
import type { HBaseClient } from './rpc/client.ts';
import { rowKeyAt } from './rpc/cell-block.ts';
import type { KeyRange } from './rpc/key-range.ts';
import type { CallOptions } from './rpc/call-context.ts';

/** Each halves what is left; the first bytes of the key are all that cutting needs. */
const probes = 40;
const depthBytes = 8;

/** A key of the range from `first` on (which exists) that has few keys behind it. */
export async function findLastKey(
  client: HBaseClient,
  table: string,
  first: Buffer,
  options: CallOptions,
): Promise<Buffer> {
  let known = first;
  let beyond: Buffer = Buffer.alloc(first.length + depthBytes, 0xff);
  for (let probe = 0; probe < probes; probe += 1) {
    const middle = between(known, beyond);
    if (middle === null) break;
    const found = await firstKeyFrom(client, table, {
      range: { start: middle, stop: Buffer.alloc(0) },
      ...options,
    });
    if (found === null) beyond = middle;
    else known = found;
  }
  return known;
}

/** null: there is no room, within the bytes that are looked at. */
function between(low: Buffer, high: Buffer): Buffer | null {
  let prefix = 0;
  while (prefix < low.length && low[prefix] === high[prefix]) prefix += 1;
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
