// Many rows in one call: order kept, grouped by server and region, and only what failed is sent again.
import { describe, expect, it } from 'vitest';
import type { CallContext } from '../../../../connectors/hbase/client/call-context.ts';
import {
  CellBlockCursor,
  encodeCells,
  skipCells,
} from '../../../../connectors/hbase/client/wire/cell-block.ts';
import type { Cell } from '../../../../connectors/hbase/client/wire/cell-block.ts';
import { RpcResponse } from '../../../../connectors/hbase/client/wire/connection.ts';
import { HBaseError } from '../../../../connectors/hbase/client/exceptions.ts';
import { Frame, FrameBuffers } from '../../../../connectors/hbase/client/wire/frame-buffers.ts';
import { decodeResponse, encodeResponse } from '../../../../connectors/hbase/client/wire/frame.ts';
import {
  decodeMultiRequest,
  encodeMultiResponse,
} from '../../../../connectors/hbase/client/messages/multi.ts';
import type { ActionResult, RegionResult } from '../../../../connectors/hbase/client/messages/multi.ts';
import { runActions } from '../../../../connectors/hbase/client/mutate/multi-call.ts';
import type { RowCells } from '../../../../connectors/hbase/client/mutate/multi-call.ts';
import type { UsableLocation } from '../../../../connectors/hbase/client/regions/region-location.ts';

const key = (text: string): Buffer => Buffer.from(text);
const cellOf = (row: string, value = row): Cell => ({
  row: key(row),
  family: key('f'),
  qualifier: key('q'),
  timestamp: 1n,
  type: 'put',
  value: key(value),
});

/** What a server says of one action: its row's cells, or an exception's class. */
type Verdict = { readonly cells: number } | { readonly exception: string };
type RegionVerdict = (region: string, row: string, call: number) => Verdict;

/** Two servers; the region of a row is its first letter, a–m on server 1, n–z on server 2. */
function setup(verdict: RegionVerdict) {
  const calls: { server: number; rows: string[]; cells: number }[] = [];
  const forgotten: string[] = [];
  const pauses: number[] = [];
  const locations = new Map<string, UsableLocation>();
  const locate = (_table: string, row: Uint8Array): UsableLocation => {
    const letter = String.fromCharCode(row[0] ?? 0);
    const info = {
      regionId: 1n,
      table: 't',
      startKey: key(letter),
      endKey: key(''),
      offline: false,
      split: false,
      replicaId: 0,
    };
    const server = { host: 'rs', port: letter < 'n' ? 1 : 2, startCode: 1n };
    const location = locations.get(letter) ?? { name: key(letter), info, state: 'OPEN', server };
    locations.set(letter, location);
    return location;
  };
  const context: CallContext = {
    connections: {
      call: ({ port }, _service, { param, cellBlock = new Uint8Array(0) }) => {
        const request = decodeMultiRequest(param);
        const rowOf = (index: number, fallback?: Buffer): string => fallback?.toString() ?? String(index);
        const sent: Cell[] = [];
        const regions = request.map(({ regionName, actions }): RegionResult => {
          const results: ActionResult[] = [];
          for (const { index, get, mutation } of actions) {
            const row = rowOf(index, mutation?.row ?? Buffer.from(get?.row ?? []));
            const said = verdict(regionName.toString(), row, calls.length);
            if ('exception' in said) {
              results.push({
                index,
                exception: { className: said.exception, stackTrace: `${said.exception}: no` },
              });
            } else {
              results.push({ index, cellCount: said.cells });
              for (let i = 0; i < said.cells; i++) sent.push(cellOf(row, `${row}${i}`));
            }
          }
          return { results };
        });
        const rows = request.flatMap(({ actions }) =>
          actions.map(({ index, get, mutation }) =>
            rowOf(index, mutation?.row ?? Buffer.from(get?.row ?? [])),
          ),
        );
        calls.push({ server: port, rows, cells: countCells(Buffer.from(cellBlock)) });
        return Promise.resolve(respond(encodeMultiResponse(regions), sent));
      },
      drop: () => undefined,
      close: () => undefined,
    },
    locator: {
      known: (table, row) => (row[0] === 0x7a ? undefined : locate(table, row)),
      locate: (table, row) => Promise.resolve(locate(table, row)),
      locateBefore: () => Promise.reject(new Error('none')),
      regions: () => Promise.resolve([]),
      stateOf: () => Promise.resolve(undefined),
      forget: (location) => void forgotten.push(location.name.toString()),
      forgetTable: () => undefined,
    },
    registry: {
      metaServer: () => Promise.reject(new Error('none')),
      master: () => Promise.reject(new Error('none')),
    },
    clock: { now: () => 0, monotonic: () => 0, sleep: (ms) => Promise.resolve(void pauses.push(ms)) },
    retryBudgetMs: 60_000,
  };
  const get = async (...rows: string[]): Promise<string[]> => {
    const outcome = await runActions(
      context,
      't',
      rows.map((row) => ({ get: { row: key(row) } })),
    );
    return outcome.rows.map(valuesOf);
  };
  const put = (...rows: string[]): Promise<unknown> =>
    runActions(
      context,
      't',
      rows.map((row) => ({ mutation: { kind: 'put', row: key(row), cells: [cellOf(row), cellOf(row)] } })),
    );
  return { context, calls, forgotten, pauses, get, put };
}

/** The values of a row's cells, joined. */
function valuesOf({ buffer, start, end }: RowCells): string {
  const cursor = new CellBlockCursor();
  cursor.reset(buffer, start, end);
  const values: string[] = [];
  while (cursor.next()) {
    values.push(buffer.toString('latin1', cursor.valueStart, cursor.valueStart + cursor.valueLength));
  }
  return values.join();
}

function countCells(block: Buffer): number {
  let cells = 0;
  for (let at = 0; at < block.length; cells++) at = skipCells(block, at, 1, block.length);
  return cells;
}

function respond(message: Buffer, cells: readonly Cell[]): RpcResponse {
  const frame = encodeResponse(1, message, encodeCells(cells)).subarray(4);
  return new RpcResponse(
    new Frame(frame, frame.length, new FrameBuffers()),
    decodeResponse(frame, 0, frame.length),
  );
}

const hbase = (name: string): string => `org.apache.hadoop.hbase.${name}`;

describe('multi call', () => {
  it('answers in the order asked, one call per server, regions grouped', async () => {
    const { get, calls } = setup((_, row) => ({ cells: row === 'none' ? 0 : 2 }));
    const values = await get('p', 'a', 'q', 'none', 'b', 'zz');
    expect(values).toEqual(['p0,p1', 'a0,a1', 'q0,q1', '', 'b0,b1', 'zz0,zz1']);
    expect(calls.map(({ server, rows }) => [server, rows])).toEqual([
      [2, ['p', 'q', 'none', 'zz']],
      [1, ['a', 'b']],
    ]);
  });

  it('sends the cells of its mutations with them', async () => {
    const { put, calls } = setup(() => ({ cells: 0 }));
    await put('a', 'b', 'p');
    expect(calls.map(({ server, rows, cells }) => [server, rows, cells])).toEqual([
      [1, ['a', 'b'], 4],
      [2, ['p'], 2],
    ]);
  });

  it('sends again only what failed, to a region looked up anew', async () => {
    const { get, calls, forgotten } = setup((region, _, call) =>
      region === 'b' && call === 0 ? { exception: hbase('NotServingRegionException') } : { cells: 1 },
    );
    expect(await get('a1', 'b1', 'c1', 'b2')).toEqual(['a10', 'b10', 'c10', 'b20']);
    expect(calls.map(({ rows }) => rows)).toEqual([
      ['a1', 'b1', 'b2', 'c1'],
      ['b1', 'b2'],
    ]);
    expect(forgotten).toContain('b');
  });

  it('puts the cells of mixed answers where they belong', async () => {
    const { get } = setup((_, row, call) =>
      row.endsWith('2') && call === 0
        ? { exception: hbase('RegionTooBusyException') }
        : { cells: Number(row.slice(1)) },
    );
    expect(await get('a1', 'a2', 'a3', 'a0')).toEqual(['a10', 'a20,a21', 'a30,a31,a32', '']);
  });

  it('fails on what no retry can help, naming region and class', async () => {
    const { get } = setup((_, row) =>
      row === 'b' ? { exception: hbase('regionserver.NoSuchColumnFamilyException') } : { cells: 1 },
    );
    await expect(get('a', 'b')).rejects.toMatchObject({
      code: 'HBASE_FAILED',
      retriable: false,
      message: 'calling Multi on rs:1, region b: NoSuchColumnFamilyException: no',
    });
  });

  it('pauses as long as the server asks that asks for most, whichever failed first', async () => {
    const { context, get, pauses } = setup(() => ({ cells: 1 }));
    const { call } = context.connections;
    let failures = 2;
    Object.assign(context.connections, {
      call: (...args: Parameters<typeof call>) => {
        if (failures-- <= 0) return call(...args);
        const isFirst = args[0].port === 1;
        const message = isFirst ? 'too busy' : 'number of requests exceeded';
        return Promise.reject(
          new HBaseError({
            message,
            recovery: isFirst ? 'backoff' : 'wait',
            waitMs: isFirst ? undefined : 1500,
          }),
        );
      },
    });
    expect(await get('a', 'p')).toHaveLength(2);
    expect(pauses).toEqual([1500]);
  });

  it('repeats a whole call that got lost, after a pause', async () => {
    const { context, get, calls, pauses } = setup(() => ({ cells: 1 }));
    const { call } = context.connections;
    let losses = 2;
    Object.assign(context.connections, {
      call: (...args: Parameters<typeof call>) =>
        losses-- > 0
          ? Promise.reject(new HBaseError({ message: 'gone', recovery: 'drop-server' }))
          : call(...args),
    });
    expect(await get('a1', 'b1')).toHaveLength(2);
    expect([calls.length, pauses.length]).toEqual([1, 2]);
  });

  it('takes an action that the server left out for failed', async () => {
    const { context, get, calls } = setup(() => ({ cells: 1 }));
    const { call } = context.connections;
    let first = true;
    Object.assign(context.connections, {
      call: (...args: Parameters<typeof call>) => {
        if (!first) return call(...args);
        first = false;
        return Promise.resolve(respond(encodeMultiResponse([{ results: [] }]), []));
      },
    });
    expect(await get('a1')).toEqual(['a10']);
    expect(calls).toHaveLength(1);
  });
});
