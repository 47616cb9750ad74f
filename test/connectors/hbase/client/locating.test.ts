// Finding regions: only what meta says now and what serves now.
import { describe, expect, it } from 'vitest';
import { encodeCells } from '../../../../connectors/hbase/client/wire/cell-block.ts';
import type { Caller } from '../../../../connectors/hbase/client/wire/connections.ts';
import { RpcResponse } from '../../../../connectors/hbase/client/wire/connection.ts';
import { HBaseError, remoteError } from '../../../../connectors/hbase/client/exceptions.ts';
import { Frame, FrameBuffers } from '../../../../connectors/hbase/client/wire/frame-buffers.ts';
import { RegionLocator } from '../../../../connectors/hbase/client/regions/locating.ts';
import { decodeResponse, encodeResponse } from '../../../../connectors/hbase/client/wire/frame.ts';
import { encodeGetResponse } from '../../../../connectors/hbase/client/messages/get.ts';
import {
  writeRegionInfo,
  writeTableState,
} from '../../../../connectors/hbase/client/messages/region-info.ts';
import type { TableState } from '../../../../connectors/hbase/client/messages/region-info.ts';
import { decodeScanRequest } from '../../../../connectors/hbase/client/messages/scan-request.ts';
import { encodeScanResponse } from '../../../../connectors/hbase/client/messages/scan-response.ts';
import { encodeMessage } from '../../../../connectors/hbase/client/wire/proto-writer.ts';
import { regionLabel } from '../../../../connectors/hbase/client/regions/region-location.ts';
import type { UsableLocation } from '../../../../connectors/hbase/client/regions/region-location.ts';
import { RetryBudget } from '../../../../connectors/hbase/client/retry-budget.ts';

interface MetaRow {
  readonly start: string;
  readonly end: string;
  readonly id?: bigint;
  readonly state?: string;
  readonly server?: string;
  readonly split?: boolean;
  readonly table?: string;
}

const key = (text: string): Buffer => Buffer.from(text, 'latin1');
const open = { state: 'OPEN', server: 'rs1:16020' };

/** hbase:meta in memory, with a locator over it; the test may change everything in it. */
interface FakeMeta {
  rows: MetaRow[];
  state: TableState | undefined;
  /** Thrown by the next calls. */
  readonly failures: Error[];
  /** Scans of all regions, and of one. */
  readonly calls: ('all' | 'one')[];
  /** How often meta's own server was looked up. */
  lookups: number;
  pauses: number;
  /** Run in the second pause. */
  change: () => void;
}

function setup(rows: MetaRow[]) {
  const meta: FakeMeta = {
    rows,
    state: 'ENABLED',
    failures: [],
    calls: [],
    lookups: 0,
    pauses: 0,
    change: () => undefined,
  };
  const connections: Caller = {
    call: (_server, _service, { method, param }) => {
      const failure = meta.failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      if (method === 'Get') return Promise.resolve(stateAnswer(meta.state));
      const scan = decodeScanRequest(param).scan;
      meta.calls.push(scan?.reversed === true ? 'one' : 'all');
      const row = scan?.reversed === true ? scan.startRow : undefined;
      return Promise.resolve(scanAnswer(meta.rows, row === undefined ? undefined : wantedKey(row)));
    },
    drop: () => undefined,
    close: () => undefined,
  };
  const sleep = (): Promise<void> => {
    if (++meta.pauses === 2) meta.change();
    return Promise.resolve();
  };
  const clock = { now: () => 0, monotonic: () => 0, sleep };
  const metaServer = () => Promise.resolve({ host: 'm', port: ++meta.lookups, startCode: 1n });
  const locator = new RegionLocator(connections, { metaServer, master: metaServer }, clock);
  const budget = new RetryBudget({ clock, budgetMs: 1000, what: 'locating' });
  return {
    meta,
    locator,
    locate: (row: string) => locator.locate('t', key(row), budget),
    regions: () => locator.regions('t', budget),
  };
}

/** `t,row,99999999999999` → `row` */
const wantedKey = (metaKey: Uint8Array): Buffer => Buffer.from(metaKey.subarray(2, metaKey.length - 15));

function respond(message: Buffer, cells: Parameters<typeof encodeCells>[0]): RpcResponse {
  const frame = encodeResponse(1, message, encodeCells(cells)).subarray(4);
  return new RpcResponse(
    new Frame(frame, frame.length, new FrameBuffers()),
    decodeResponse(frame, 0, frame.length),
  );
}

function stateAnswer(state: TableState | undefined): RpcResponse {
  if (state === undefined) return respond(encodeGetResponse(0), []);
  const value = encodeMessage(writeTableState(state));
  const cell = {
    row: key('t'),
    family: key('table'),
    qualifier: key('state'),
    timestamp: 1n,
    type: 'put',
    value,
  } as const;
  return respond(encodeGetResponse(1), [cell]);
}

function scanAnswer(rows: readonly MetaRow[], row: Buffer | undefined): RpcResponse {
  const upTo = row === undefined ? rows : rows.filter(({ start }) => key(start).compare(row) <= 0).reverse();
  const cellsPerRow = upTo.map(metaCells);
  const results = cellsPerRow.map((cells) => ({ cells: cells.length, partial: false }));
  return respond(
    encodeScanResponse({ scannerId: 1n, moreResults: true, moreResultsInRegion: false, results }),
    cellsPerRow.flat(),
  );
}

function metaCells({ start, end, id = 1n, state, server, split = false, table = 't' }: MetaRow) {
  const row = key(`${table},${start},${id}.0123456789abcdef0123456789abcdef.`);
  const info = {
    regionId: id,
    table,
    startKey: key(start),
    endKey: key(end),
    offline: split,
    split,
    replicaId: 0,
  };
  const cell = (qualifier: string, value: Buffer) => ({
    row,
    family: key('info'),
    qualifier: key(qualifier),
    timestamp: 1n,
    type: 'put' as const,
    value,
  });
  return [
    cell('regioninfo', Buffer.concat([key('PBUF'), encodeMessage(writeRegionInfo(info))])),
    ...(server === undefined
      ? []
      : [cell('server', key(server)), cell('serverstartcode', Buffer.alloc(8, 1))]),
    ...(state === undefined ? [] : [cell('state', key(state))]),
  ];
}

const nameOf = (location: UsableLocation): string => regionLabel(location.name).slice(0, -34);
const moved = (): HBaseError => new HBaseError({ message: 'moved', recovery: 'relocate' });

describe('region locator', () => {
  it('reads all regions once, then knows them', async () => {
    const { meta, locate } = setup([
      { start: '', end: 'm', ...open },
      { start: 'm', end: '', ...open },
    ]);
    expect([nameOf(await locate('a')), nameOf(await locate('m')), nameOf(await locate('z'))]).toEqual([
      't,,1',
      't,m,1',
      't,m,1',
    ]);
    expect(meta.calls).toEqual(['all']);
  });

  it('reads one row of meta after a region was disproved', async () => {
    const { meta, locator, locate } = setup([{ start: '', end: '', ...open }]);
    locator.forget(await locate('a'), moved());
    meta.rows = [{ start: '', end: '', state: 'OPEN', server: 'rs2:16020' }];
    expect((await locate('a')).server).toMatchObject({ host: 'rs2', port: 16020 });
    expect(meta.calls).toEqual(['all', 'one']);
  });

  it('tries once where its last server says that a region went, then believes meta alone', async () => {
    const { meta, locator, locate } = setup([{ start: '', end: '', ...open }]);
    const wentTo = (server: string): HBaseError =>
      remoteError(
        { method: 'Scan', server: 'rs1:16020' },
        {
          className: 'org.apache.hadoop.hbase.exceptions.RegionMovedException',
          stackTrace: `org.apache.hadoop.hbase.exceptions.RegionMovedException: Region moved to: hostname=${server} port=16020 startCode=1767225600000. As of locationSeqNum=12.\n\tat x.Y(Z)`,
          doNotRetry: false,
          serverOverloaded: false,
        },
      );
    const first = await locate('a');
    locator.forget(first, wentTo('rs2'));
    const hinted = await locate('a');
    expect([hinted.server.host, meta.calls]).toEqual(['rs2', ['all']]);
    // Somebody else who learns of the first move late does not bring the hint back, nor does a second one count.
    locator.forget(first, wentTo('rs9'));
    expect(await locate('a')).toBe(hinted);
    meta.rows = [{ start: '', end: '', state: 'OPEN', server: 'rs3:16020' }];
    locator.forget(hinted, wentTo('rs1'));
    expect((await locate('a')).server.host).toBe('rs3');
    expect(meta.calls).toEqual(['all', 'one']);
  });

  it('asks meta when a server does not say where a region went, or the words have no place in them', async () => {
    const { meta, locator, locate } = setup([{ start: '', end: '', ...open }]);
    for (const text of ['Region moved to: nowhere', 'hostname= port=x']) {
      const className = 'org.apache.hadoop.hbase.exceptions.RegionMovedException';
      const exception = { className, stackTrace: text, doNotRetry: false, serverOverloaded: false };
      locator.forget(await locate('a'), remoteError({ method: 'Scan', server: 'rs1:16020' }, exception));
      expect((await locate('a')).server.host).toBe('rs1');
    }
    expect(meta.calls).toEqual(['all', 'one', 'one']);
  });

  it('keeps a region after a failure that says nothing about its place', async () => {
    const { meta, locator, locate } = setup([{ start: '', end: '', ...open }]);
    locator.forget(await locate('a'), new HBaseError({ message: 'busy', recovery: 'backoff' }));
    await locate('a');
    expect(meta.calls).toEqual(['all']);
  });

  it('takes the daughters of a split, not the parent, and waits until they serve', async () => {
    const { meta, locator, locate } = setup([{ start: '', end: '', ...open }]);
    locator.forget(await locate('k'), moved());
    const parent = { start: '', end: '', state: 'SPLIT', server: 'rs1:16020', split: true };
    meta.rows = [
      parent,
      { start: '', end: 'h', id: 5n, state: 'CLOSED' },
      { start: 'h', end: '', id: 5n, state: 'CLOSED' },
    ];
    meta.change = () => {
      meta.rows = meta.rows.map((row) => (row.split === true ? row : { ...row, ...open }));
    };
    expect(nameOf(await locate('k'))).toBe('t,h,5');
    expect(meta.pauses).toBe(2);
  });

  it.each([
    ['opening', { state: 'OPENING', server: 'rs1:16020' }],
    ['on no server', { state: 'OPEN' }],
    ['offline', { state: 'OPEN', server: 'rs1:16020', split: true }],
  ])('does not use a region that is %s', async (_, bad) => {
    const { meta, locate } = setup([{ start: '', end: '', ...bad }]);
    meta.change = () => {
      meta.rows = [{ start: '', end: '', ...open }];
    };
    expect((await locate('a')).server).toMatchObject({ host: 'rs1' });
    expect(meta.pauses).toBe(2);
  });

  it.each([
    ['it is OPENING on rs1:16020', { state: 'OPENING', server: 'rs1:16020' }],
    ['it is CLOSED on no server', { state: 'CLOSED' }],
    ['it is OPEN on no server', { state: 'OPEN' }],
  ])('says of a region that stays so: %s', async (why, bad) => {
    const { meta, locate } = setup([{ start: '', end: '', ...bad }]);
    const message = expect.stringMatching(
      new RegExp(`locating row a of t: region t,,1\\.0123.* is not served now: ${why}$`),
    ) as string;
    await expect(locate('a')).rejects.toMatchObject({ message, retriable: true });
    meta.rows = [{ start: '', end: 'a', ...open }];
    await expect(locate('a')).rejects.toThrow(/hbase:meta has no region that holds it now$/);
  });

  it('takes a region without a state, as old clusters have it', async () => {
    const { locate } = setup([{ start: '', end: '', server: 'rs1:16020' }]);
    expect((await locate('a')).state).toBeUndefined();
  });

  it('never uses a region that does not hold the row', async () => {
    const { meta, locate } = setup([
      { start: '', end: 'b', ...open },
      { start: 'd', end: '', ...open },
    ]);
    meta.change = () => {
      meta.rows = [
        { start: '', end: 'b', ...open },
        { start: 'b', end: 'd', ...open },
        { start: 'd', end: '', ...open },
      ];
    };
    expect(nameOf(await locate('c'))).toBe('t,b,1');
  });

  it('says at once that there is no such table', async () => {
    const { meta, locate, regions } = setup([]);
    meta.state = undefined;
    const notFound = {
      recovery: 'fail',
      className: 'TableNotFoundException',
      message: expect.stringContaining('no such table') as string,
    };
    await expect(locate('a')).rejects.toMatchObject(notFound);
    await expect(regions()).rejects.toMatchObject(notFound);
    expect(meta.pauses).toBe(0);
  });

  it('says that a table is disabled, after looking a few times', async () => {
    const { meta, locate } = setup([{ start: '', end: '', state: 'CLOSED', server: 'rs1:16020' }]);
    meta.state = 'DISABLED';
    await expect(locate('a')).rejects.toMatchObject({
      message: expect.stringContaining('the table is disabled; enable it') as string,
      // Truncating a table disables it for seconds.
      retriable: true,
    });
    expect(meta.pauses).toBe(2);
  });

  it('looks meta itself up again after a failure there', async () => {
    const { meta, locate } = setup([{ start: '', end: '', ...open }]);
    meta.failures.push(new HBaseError({ message: 'gone', recovery: 'drop-server' }), moved());
    await locate('a');
    expect(meta.lookups).toBe(3);
  });

  it('lists all regions without split parents, and waits out a gap', async () => {
    const { meta, regions } = setup([
      { start: '', end: 'm', state: 'SPLIT', split: true },
      { start: '', end: 'h', id: 5n, state: 'CLOSED' },
      { start: 'm', end: '', ...open },
    ]);
    meta.change = () => meta.rows.splice(2, 0, { start: 'h', end: 'm', id: 5n, state: 'OPENING' });
    expect((await regions()).map(({ info }) => [info.startKey.toString(), info.endKey.toString()])).toEqual([
      ['', 'h'],
      ['h', 'm'],
      ['m', ''],
    ]);
  });
});
