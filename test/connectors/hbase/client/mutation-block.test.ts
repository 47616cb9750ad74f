// Mutations as bytes, held to the same mutations as objects: byte for byte the same request.
import { describe, expect, it } from 'vitest';
import { encodeCells } from '../../../../connectors/hbase/client/wire/cell-block.ts';
import {
  encodeMultiRequest,
  encodeMultiResponse,
} from '../../../../connectors/hbase/client/messages/multi.ts';
import type { RegionResult } from '../../../../connectors/hbase/client/messages/multi.ts';
import {
  cellsOfRequest,
  encodeBlockRequest,
  isAllDone,
} from '../../../../connectors/hbase/client/messages/multi-mutations.ts';
import type { Mutation } from '../../../../connectors/hbase/client/messages/mutation.ts';
import { MutationBlock } from '../../../../connectors/hbase/client/mutate/mutation-block.ts';
import { ByteWriter } from '../../../../src/core/record/row-format.ts';

const time = 0x1_2345_6789_abcn;

/** Puts and deletes of 300 rows, some with long keys and values, so that all lengths take one, two and three bytes. */
const mutations = Array.from({ length: 300 }, (_, index): Mutation => {
  const row = Buffer.from(`row ${index} ${'x'.repeat(index % 7 === 0 ? 300 : index % 5)}`);
  const isDelete = index % 3 === 0;
  const cells = Array.from({ length: 1 + (index % 4) }, (_cell, column) => ({
    row,
    family: Buffer.from(column % 2 === 0 ? 'f' : 'family'),
    qualifier: Buffer.from(isDelete && column === 0 ? '' : `q${column}`),
    timestamp: time,
    type: isDelete
      ? column === 0
        ? ('deleteFamily' as const)
        : ('deleteColumn' as const)
      : ('put' as const),
    value: Buffer.from(isDelete ? '' : 'v'.repeat(index % 11 === 0 ? 20_000 : index)),
  }));
  return { kind: isDelete ? 'delete' : 'put', row, cells };
});

function blockOf(all: readonly Mutation[]): MutationBlock {
  const block = new MutationBlock();
  const key = new ByteWriter();
  for (const { kind, row, cells } of all) {
    key.length = 0;
    key.ensure(row.length);
    key.bytes.set(row);
    key.length = row.length;
    block.open(kind);
    for (const { family, qualifier, type, value } of cells) {
      const cell = block.openCell(
        key,
        { family: Buffer.from(family), qualifier: Buffer.from(qualifier) },
        type,
      );
      block.out.ensure(value.length);
      block.out.bytes.set(value, block.out.length);
      block.out.length += value.length;
      block.closeCell(cell);
    }
  }
  block.setTime(0, block.size, time);
  return block;
}

describe('a block of mutations', () => {
  const regions = [
    { regionName: Buffer.from('t,,1.aa.'), indexes: [0, 5, 6, 130, 289] },
    {
      regionName: Buffer.from(`t,${'k'.repeat(200)},1.bb.`),
      indexes: Array.from({ length: 100 }, (_, i) => 150 + i),
    },
  ];

  it('is the request that objects would be', () => {
    const from = 10;
    const block = blockOf(mutations);
    const asked = { block, from, regions };
    const mutationAt = (index: number): Mutation => mutations[from + index] as Mutation;
    const objects = regions.map(({ regionName, indexes }) => ({
      regionName,
      actions: indexes.map((index) => ({ index, action: { mutation: mutationAt(index) } })),
    }));
    expect(encodeBlockRequest(asked).equals(encodeMultiRequest(objects))).toBe(true);
    const cells = regions.flatMap(({ indexes }) => indexes.flatMap((index) => mutationAt(index).cells));
    expect(cellsOfRequest(asked).equals(encodeCells(cells))).toBe(true);
  });

  it('takes back what is cut off, and goes on from there', () => {
    const block = blockOf(mutations.slice(0, 20));
    block.cutBack(12);
    block.cutBack(12);
    expect(block.size).toBe(12);
    expect(block.startOf(12)).toBe(blockOf(mutations.slice(0, 12)).out.length);
  });

  it('reads an answer without a mishap as one, and no other', () => {
    const done = regions.map(({ indexes }): RegionResult => ({
      results: indexes.map((index) => ({ index, cellCount: 0 })),
    }));
    const exception = { className: 'java.io.IOException', stackTrace: 'at x' };
    const [first, second] = done as [RegionResult, RegionResult];
    const oneFailed = {
      results: first.results.map((each, at) => (at === 3 ? { index: each.index, exception } : each)),
    };
    expect(isAllDone(encodeMultiResponse(done), regions)).toBe(true);
    for (const answer of [
      [first],
      [first, { results: [], exception }],
      [first, { ...second, exception }],
      [oneFailed, second],
      [{ results: first.results.slice(1) }, second],
      [],
    ])
      expect(isAllDone(encodeMultiResponse(answer), regions)).toBe(false);
  });
});
