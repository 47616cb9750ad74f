// What region servers do and tell about regions: flush, compact, sizes.
import type { CallContext, CallOptions } from '../call-context.ts';
import { budgetFor } from '../call-context.ts';
import type { RpcResponse } from '../wire/connection.ts';
import { asHBaseError } from '../exceptions.ts';
import {
  decodeRegionLoadResponse,
  decodeSplitRowResponse,
  encodeCompactRegion,
  encodeFlushRegion,
  encodeRegionLoadRequest,
  encodeSplitRowRequest,
} from '../messages/admin.ts';
import type { RegionLoad } from '../messages/admin.ts';
import { addressOf } from '../messages/server-name.ts';
import { isUsable, regionLabel } from '../regions/region-location.ts';
import type { RegionLocation, UsableLocation } from '../regions/region-location.ts';

const callTimeoutMs = 60_000;

/** Writes the memory of all regions of a table to files. */
export async function flushTable(
  context: CallContext,
  table: string,
  options: CallOptions = {},
): Promise<void> {
  const calls = await callsPerRegion(context, table, options);
  await Promise.all(calls.map((call) => call('FlushRegion', encodeFlushRegion, nothing)));
}

/** Asks for a compaction and returns at once; a major one rewrites all files and drops what deletes have covered. */
export async function compactTable(
  context: CallContext,
  table: string,
  options: CallOptions = {},
): Promise<void> {
  const calls = await callsPerRegion(context, table, options);
  const encode = (name: Buffer): Buffer => encodeCompactRegion(name, true);
  await Promise.all(calls.map((call) => call('CompactRegion', encode, nothing)));
}

/**
 * The row in the middle of a region's data, as its server would split it; undefined where it has none in files. The server first
 * flushes a region that has all its data in memory.
 */
export function bestSplitRow(
  context: CallContext,
  region: RegionLocation,
  options: CallOptions = {},
): Promise<Buffer | undefined> {
  const decode = (response: RpcResponse): Buffer | undefined => decodeSplitRowResponse(response.message());
  const request = { region, method: 'GetRegionInfo', encode: encodeSplitRowRequest, decode };
  return callRegion(context, request, options);
}

type RegionCall = (
  method: string,
  encode: (regionName: Buffer) => Buffer,
  decode: (response: RpcResponse) => void,
) => Promise<void>;

function nothing(): void {
  // The answer says no more than that it is done.
}

async function callsPerRegion(
  context: CallContext,
  table: string,
  options: CallOptions,
): Promise<RegionCall[]> {
  const budget = budgetFor(context, options, `reading the regions of ${table}`);
  const regions = await context.locator.regions(table, budget, options.signal);
  return regions.map(
    (region) => (method, encode, decode) => callRegion(context, { region, method, encode, decode }, options),
  );
}

interface RegionRequest<T> {
  readonly region: RegionLocation;
  readonly method: string;
  readonly encode: (regionName: Buffer) => Buffer;
  readonly decode: (response: RpcResponse) => T;
}

async function callRegion<T>(
  context: CallContext,
  request: RegionRequest<T>,
  options: CallOptions,
): Promise<T> {
  const { method, encode, decode, region } = request;
  const { table, startKey } = region.info;
  const budget = budgetFor(context, options, `calling ${method} on ${regionLabel(region.name)}`);
  for (;;) {
    const location = await context.locator.locate(table, startKey, budget, options.signal);
    try {
      const call = { method, param: encode(location.name), timeoutMs: callTimeoutMs, signal: options.signal };
      const response = await context.connections.call(location.server, 'AdminService', call);
      const answer = decode(response);
      response.release();
      return answer;
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
