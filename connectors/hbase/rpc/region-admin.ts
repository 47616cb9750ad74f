// What region servers do and tell about regions: flush, compact, sizes.
import type { CallContext, CallOptions } from './call-context.ts';
import { budgetFor } from './call-context.ts';
import { asHBaseError } from './exceptions.ts';
import {
  decodeRegionLoadResponse,
  encodeCompactRegion,
  encodeFlushRegion,
  encodeRegionLoadRequest,
} from './messages/admin.ts';
import type { RegionLoad } from './messages/admin.ts';
import { addressOf } from './messages/server-name.ts';
import { isUsable, regionLabel } from './region-location.ts';
import type { RegionLocation, UsableLocation } from './region-location.ts';

const callTimeoutMs = 60_000;

/** Writes the memory of all regions of a table to files. */
export async function flushTable(
  context: CallContext,
  table: string,
  options: CallOptions = {},
): Promise<void> {
  const calls = await callsPerRegion(context, table, options);
  await Promise.all(calls.map((call) => call('FlushRegion', encodeFlushRegion)));
}

/** Asks for a compaction and returns at once; a major one rewrites all files and drops what deletes have covered. */
export async function compactTable(
  context: CallContext,
  table: string,
  options: CallOptions = {},
): Promise<void> {
  const calls = await callsPerRegion(context, table, options);
  await Promise.all(calls.map((call) => call('CompactRegion', (name) => encodeCompactRegion(name, true))));
}

type RegionCall = (method: string, encode: (regionName: Buffer) => Buffer) => Promise<void>;

async function callsPerRegion(
  context: CallContext,
  table: string,
  options: CallOptions,
): Promise<RegionCall[]> {
  const budget = budgetFor(context, options, `reading the regions of ${table}`);
  const regions = await context.locator.regions(table, budget, options.signal);
  return regions.map(
    (region) => (method, encode) => callRegion(context, { region, method, encode }, options),
  );
}

interface RegionRequest {
  readonly region: RegionLocation;
  readonly method: string;
  readonly encode: (regionName: Buffer) => Buffer;
}

async function callRegion(context: CallContext, request: RegionRequest, options: CallOptions): Promise<void> {
  const { method, encode, region } = request;
  const { table, startKey } = region.info;
  const budget = budgetFor(context, options, `calling ${method} on ${regionLabel(region.name)}`);
  for (;;) {
    const location = await context.locator.locate(table, startKey, budget, options.signal);
    try {
      const call = { method, param: encode(location.name), timeoutMs: callTimeoutMs, signal: options.signal };
      (await context.connections.call(location.server, 'AdminService', call)).release();
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      context.locator.forget(location, asHBaseError(error));
      await budget.failed(error);
    }
  }
}

/** Sizes of a table's regions as their servers tell them; a region that is on the move right now may be missing. */
export async function regionLoads(
  context: CallContext,
  table: string,
  options: CallOptions = {},
): Promise<RegionLoad[]> {
  const budget = budgetFor(context, options, `reading the region sizes of ${table}`);
  for (;;) {
    const regions = await context.locator.regions(table, budget, options.signal);
    const servers = new Map(regions.filter(isUsable).map((region) => [addressOf(region.server), region]));
    try {
      return (
        await Promise.all([...servers.values()].map((on) => loadsOf(context, table, on, options)))
      ).flat();
    } catch (error) {
      await budget.failed(error);
    }
  }
}

async function loadsOf(
  context: CallContext,
  table: string,
  { server }: UsableLocation,
  { signal }: CallOptions,
): Promise<RegionLoad[]> {
  const call = {
    method: 'GetRegionLoad',
    param: encodeRegionLoadRequest(table),
    timeoutMs: callTimeoutMs,
    signal,
  };
  const response = await context.connections.call(server, 'AdminService', call);
  const loads = decodeRegionLoadResponse(response.message());
  response.release();
  return loads;
}
