// Rows counted by the coprocessor AggregateService, where a table has it loaded: one call per region, whose answer may be long in
// coming and is repeated from where it broke off.
import type { CallContext, CallOptions } from '../call-context.ts';
import { budgetFor } from '../call-context.ts';
import { asHBaseError } from '../exceptions.ts';
import type { KeyRange } from '../key-range.ts';
import { startBehindRegion } from '../key-range.ts';
import { decodeRowCountResponse, encodeRowCountRequest } from '../messages/coprocessor.ts';
import { regionLabel } from '../regions/region-location.ts';
import type { UsableLocation } from '../regions/region-location.ts';

/** The server sends no sign of life while it counts a region. */
const callTimeoutMs = 600_000;

/** Rows with at least one cell; undefined when the table's regions refuse to count, as most do: it is not loaded by default. */
export async function countByCoprocessor(
  context: CallContext,
  table: string,
  range: KeyRange,
  options: CallOptions,
): Promise<number | undefined> {
  const budget = budgetFor(context, options, `counting rows of ${table}`);
  let rows = 0n;
  for (let start: Buffer | undefined = range.start; start !== undefined;) {
    const location = await context.locator.locate(table, start, budget, options.signal);
    try {
      const part = await countPart(context, location, { start, stop: range.stop }, options);
      rows += part.rows;
      start = part.nextRow ?? startBehindRegion(location.info.endKey, range.stop);
      budget.progress();
      if (part.waitMs > 0) await context.clock.sleep(part.waitMs, options.signal);
    } catch (cause) {
      options.signal?.throwIfAborted();
      const error = asHBaseError(cause);
      if (error.recovery === 'fail') return undefined;
      context.locator.forget(location, error);
      await budget.failed(error);
    }
  }
  return Number(rows);
}

async function countPart(
  { connections }: CallContext,
  location: UsableLocation,
  { start, stop }: KeyRange,
  { signal }: CallOptions,
): Promise<ReturnType<typeof decodeRowCountResponse>> {
  const scan = {
    startRow: start,
    includeStartRow: true,
    stopRow: stop,
    readType: 'stream',
    cacheBlocks: false,
    maxResultBytes: 4 * 1024 * 1024,
  } as const;
  const response = await connections.call(location.server, 'ClientService', {
    method: 'ExecService',
    param: encodeRowCountRequest(location.name, location.info.startKey, scan),
    timeoutMs: callTimeoutMs,
    region: regionLabel(location.name),
    signal,
  });
  const part = decodeRowCountResponse(response.message());
  response.release();
  return part;
}
