// Sends a block of mutations: as runActions does, without an object per row.
import type { CallContext, CallOptions } from '../call-context.ts';
import type { RpcResponse } from '../wire/connection.ts';
import { decodeMultiResponse } from '../messages/multi.ts';
import { cellsOfRequest, encodeBlockRequest, isAllDone } from '../messages/multi-mutations.ts';
import { runMulti, unanswered } from './multi-call.ts';
import type { Failure, MultiWork, RegionGroup } from './multi-call.ts';
import type { MutationBlock } from './mutation-block.ts';
import type { UsableLocation } from '../regions/region-location.ts';

export interface BlockPart {
  readonly block: MutationBlock;
  /** Mutations [from, to); two of one row are done in their order. */
  readonly from: number;
  readonly to: number;
}

/** @throws HBaseError as runActions; the block may not change meanwhile */
export function mutateBlock(
  context: CallContext,
  table: string,
  part: BlockPart,
  options: CallOptions = {},
): Promise<void> {
  return runMulti(context, table, new BlockRun(context, table, part), options);
}

/** Counts mutations from the part's first one. */
class BlockRun implements MultiWork {
  readonly size: number;
  readonly #context: CallContext;
  readonly #table: string;
  readonly #part: BlockPart;

  constructor(context: CallContext, table: string, part: BlockPart) {
    this.#context = context;
    this.#table = table;
    this.#part = part;
    this.size = part.to - part.from;
  }

  rowOf(index: number): Uint8Array {
    const { block, from } = this.#part;
    return block.out.bytes.subarray(block.rowStart(from + index), block.rowEnd(from + index));
  }

  known(index: number): UsableLocation | undefined {
    const { block, from } = this.#part;
    const [start, end] = [block.rowStart(from + index), block.rowEnd(from + index)];
    return this.#context.locator.known(this.#table, block.out.bytes, start, end);
  }

  request(groups: readonly RegionGroup[]): { param: Buffer; cellBlock: Buffer } {
    const request = { ...this.#part, regions: groups.map(regionOf) };
    return { param: encodeBlockRequest(request), cellBlock: cellsOfRequest(request) };
  }

  answer(groups: readonly RegionGroup[], response: RpcResponse): Failure[] {
    try {
      const message = response.message();
      if (isAllDone(message, groups.map(regionOf))) return [];
      const results = decodeMultiResponse(message);
      return groups.flatMap((group, order) => unanswered(group, results[order] ?? { results: [] }));
    } finally {
      response.release();
    }
  }
}

function regionOf({ location, indexes }: RegionGroup): { regionName: Buffer; indexes: readonly number[] } {
  return { regionName: location.name, indexes };
}
