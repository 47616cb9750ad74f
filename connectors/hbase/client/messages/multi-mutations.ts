// Multi for mutations that are bytes already (grammar: multi.ts): the request is written without an object per row, and an answer in
// which every mutation succeeded is read without one.
import { varintSize, writeVarint } from '../wire/proto-writer.ts';
import type { MutationBlock } from '../mutate/mutation-block.ts';

export interface BlockRegion {
  readonly regionName: Buffer;
  /** Of the mutations, as they stand in the request. */
  readonly indexes: readonly number[];
}

export interface BlockRequest {
  readonly block: MutationBlock;
  /** The block's mutation that has index 0. */
  readonly from: number;
  readonly regions: readonly BlockRegion[];
}

const mutateTypes = { put: 2, delete: 3 } as const;
const tag = (field: number, wireType: number): number => (field << 3) | wireType;
const byName = 1;

/** Bytes of field + length + content. */
const fieldSize = (length: number): number => 1 + varintSize(length) + length;

export function encodeBlockRequest(asked: BlockRequest): Buffer {
  const { regions } = asked;
  const sizes = regions.map((region) => regionSize(asked, region));
  const request = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + fieldSize(size), 0));
  let at = 0;
  for (const [order, region] of regions.entries()) {
    at = openField(request, at, { field: 1, length: sizes[order] ?? 0 });
    at = writeRegion(request, at, asked, region);
  }
  return request;
}

function specifierSize({ regionName }: BlockRegion): number {
  return 2 + fieldSize(regionName.length);
}

function mutationSize({ block, from }: BlockRequest, at: number): number {
  const index = from + at;
  return fieldSize(block.rowEnd(index) - block.rowStart(index)) + 2 + 1 + varintSize(block.cellsOf(index));
}

function actionSize(asked: BlockRequest, index: number): number {
  return 1 + varintSize(index) + fieldSize(mutationSize(asked, index));
}

function regionSize(asked: BlockRequest, region: BlockRegion): number {
  let size = fieldSize(specifierSize(region));
  for (const index of region.indexes) size += fieldSize(actionSize(asked, index));
  return size;
}

function openField(
  bytes: Buffer,
  at: number,
  { field, length }: { readonly field: number; readonly length: number },
): number {
  bytes[at] = tag(field, 2);
  return writeVarint(bytes, at + 1, length);
}

function writeRegion(bytes: Buffer, start: number, asked: BlockRequest, region: BlockRegion): number {
  const { regionName } = region;
  let at = openField(bytes, start, { field: 1, length: specifierSize(region) });
  bytes[at] = tag(1, 0);
  bytes[at + 1] = byName;
  at = openField(bytes, at + 2, { field: 2, length: regionName.length });
  at += regionName.copy(bytes, at);
  for (const index of region.indexes) at = writeAction(bytes, at, asked, index);
  return at;
}

function writeAction(bytes: Buffer, start: number, asked: BlockRequest, index: number): number {
  const { block, from } = asked;
  bytes[start] = tag(3, 2);
  let at = writeVarint(bytes, start + 1, actionSize(asked, index));
  bytes[at] = tag(1, 0);
  at = writeVarint(bytes, at + 1, index);
  bytes[at] = tag(2, 2);
  at = writeVarint(bytes, at + 1, mutationSize(asked, index));
  const [rowStart, rowEnd] = [block.rowStart(from + index), block.rowEnd(from + index)];
  bytes[at] = tag(1, 2);
  at = writeVarint(bytes, at + 1, rowEnd - rowStart);
  at += block.out.bytes.copy(bytes, at, rowStart, rowEnd);
  bytes[at] = tag(2, 0);
  bytes[at + 1] = mutateTypes[block.kindOf(from + index)];
  bytes[at + 2] = tag(8, 0);
  return writeVarint(bytes, at + 3, block.cellsOf(from + index));
}

/** The cells of the request, in its order. */
export function cellsOfRequest({ block, from, regions }: BlockRequest): Buffer {
  let size = 0;
  for (const { indexes } of regions)
    for (const index of indexes) size += block.startOf(from + index + 1) - block.startOf(from + index);
  const cells = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { indexes } of regions)
    for (const index of indexes)
      at += block.out.bytes.copy(cells, at, block.startOf(from + index), block.startOf(from + index + 1));
  return cells;
}

/** Does the answer hold a result for each mutation of each region, and no exception? */
export function isAllDone(answer: Uint8Array, regions: readonly BlockRegion[]): boolean {
  let [at, order] = [0, 0];
  const varint = (): number => {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = answer[at] ?? 0;
      at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
      shift += 7;
    }
  };
  const skip = (wireType: number): void => {
    if (wireType === 0) varint();
    else if (wireType === 2) {
      const length = varint();
      at += length;
    } else at += wireType === 1 ? 8 : 4;
  };
  /** Ends at `end`; how many results without exception, −1 with one. */
  const countResults = (end: number): number => {
    let done = 0;
    while (at < end) {
      const key = varint();
      if (key === tag(2, 2)) return -1;
      if (key !== tag(1, 2)) {
        skip(key & 7);
        continue;
      }
      const stop = varint() + at;
      while (at < stop) {
        const inner = varint();
        if (inner === tag(3, 2)) return -1;
        skip(inner & 7);
      }
      done += 1;
    }
    return done;
  };
  while (at < answer.length) {
    const key = varint();
    if (key !== tag(1, 2)) {
      skip(key & 7);
      continue;
    }
    const end = varint() + at;
    if (countResults(end) !== regions[order]?.indexes.length) return false;
    order += 1;
  }
  return order === regions.length;
}
