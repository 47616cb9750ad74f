// Every message against its own other direction: what a client writes a server reads, and the reverse.
import { describe, expect, it } from 'vitest';
import {
  decodeRegionLoadRequest,
  decodeRegionLoadResponse,
  encodeRegionLoadRequest,
  encodeRegionLoadResponse,
} from '../../../../connectors/hbase/client/messages/admin.ts';
import {
  decodeClusterStatusResponse,
  encodeClusterStatusResponse,
} from '../../../../connectors/hbase/client/messages/cluster-status.ts';
import { readFilter, writeFilter } from '../../../../connectors/hbase/client/messages/filter.ts';
import type { Filter } from '../../../../connectors/hbase/client/messages/filter.ts';
import {
  decodeRequest,
  decodeResponse,
  encodeExceptionResponse,
  encodeRequest,
  encodeResponse,
} from '../../../../connectors/hbase/client/wire/frame.ts';
import {
  decodeGetRequest,
  decodeGetResponse,
  encodeGetRequest,
  encodeGetResponse,
} from '../../../../connectors/hbase/client/messages/get.ts';
import {
  decodeProcedureId,
  decodeProcedureResult,
  encodeProcedureId,
  encodeProcedureResult,
} from '../../../../connectors/hbase/client/messages/master.ts';
import {
  decodeMultiRequest,
  decodeMultiResponse,
  encodeMultiRequest,
  encodeMultiResponse,
} from '../../../../connectors/hbase/client/messages/multi.ts';
import {
  encodedRegionName,
  readRegionInfo,
  readTableState,
  writeRegionInfo,
  writeTableState,
} from '../../../../connectors/hbase/client/messages/region-info.ts';
import {
  decodeMetaLocation,
  decodeServerNode,
  decodeServers,
  encodeMetaLocation,
  encodeServers,
} from '../../../../connectors/hbase/client/messages/registry.ts';
import {
  decodeScanRequest,
  encodeCloseScanner,
  encodeNext,
  encodeOpenScanner,
  encodeRenew,
} from '../../../../connectors/hbase/client/messages/scan-request.ts';
import {
  decodeScanResponse,
  encodeScanResponse,
  ResultLayout,
} from '../../../../connectors/hbase/client/messages/scan-response.ts';
import {
  canonicalTableName,
  readTableName,
  splitTableName,
  writeTableName,
} from '../../../../connectors/hbase/client/messages/table-name.ts';
import {
  decodeNamespacesResponse,
  decodeTableDescriptorsResponse,
  decodeTableNamesResponse,
  encodeNamespacesResponse,
  encodeTableDescriptorsResponse,
  encodeTableNamesResponse,
} from '../../../../connectors/hbase/client/messages/table-schema.ts';
import { encodeMessage } from '../../../../connectors/hbase/client/wire/proto-writer.ts';

const text = (value: string): Buffer => Buffer.from(value);
const server = { host: 'rs1.example', port: 16020, startCode: 1_795_570_190_204n };
const info = {
  regionId: 17n,
  table: 'ns:t',
  startKey: text('a'),
  endKey: text('\xff'),
  offline: false,
  split: true,
  replicaId: 0,
};

describe('frames', () => {
  it('carry a request, with and without cells', () => {
    const request = { callId: 7, method: 'Scan', param: text('param'), priority: 200, timeoutMs: 5000 };
    expect(decodeRequest(encodeRequest(request).subarray(4))).toEqual({
      ...request,
      cellBlock: Buffer.alloc(0),
    });
    const cellBlock = text('cells');
    expect(decodeRequest(encodeRequest({ ...request, cellBlock }).subarray(4))).toEqual({
      ...request,
      cellBlock,
    });
  });

  it('carry a response: message and cell block as ranges', () => {
    const frame = encodeResponse(9, text('message'), text('block'));
    expect(frame.readInt32BE(0)).toBe(frame.length - 4);
    const { callId, messageStart, messageEnd, blockStart, blockEnd, exception } = decodeResponse(
      frame,
      4,
      frame.length,
    );
    expect([callId, exception]).toEqual([9, undefined]);
    expect(frame.toString('latin1', messageStart, messageEnd)).toBe('message');
    expect(frame.toString('latin1', blockStart, blockEnd)).toBe('block');
  });

  it('carry an exception in place of a message', () => {
    const exception = {
      className: 'a.B',
      stackTrace: 'a.B: x',
      host: 'rs2',
      port: 1,
      doNotRetry: true,
      serverOverloaded: true,
    };
    const frame = encodeExceptionResponse(0xffffffff, exception);
    expect(decodeResponse(frame, 4, frame.length)).toMatchObject({ callId: 0xffffffff, exception });
  });
});

describe('scan', () => {
  const scan = {
    startRow: text('a'),
    includeStartRow: false,
    stopRow: text('z'),
    includeStopRow: true,
    reversed: true,
    readType: 'pread',
    cacheBlocks: false,
    maxResultBytes: 4_194_304,
    raw: true,
    maxVersions: 3,
    timeRange: { from: 5n, to: 9_223_372_036_854_775_807n },
    families: [
      { family: text('cf'), qualifiers: [text('a'), Buffer.alloc(0)] },
      { family: text('g'), qualifiers: [] },
    ],
    filter: { kind: 'all', filters: [{ kind: 'first-key-only' }, { kind: 'key-only' }] },
  } as const;

  it('opens with region, scan and limits, and no sequence number', () => {
    const param = encodeOpenScanner({
      regionName: text('t,,1.x.'),
      scan,
      rowsPerResponse: 10,
      limitRows: 5,
      trackMetrics: true,
    });
    expect(decodeScanRequest(param)).toEqual({
      regionName: text('t,,1.x.'),
      scan,
      scannerId: undefined,
      rowsPerResponse: 10,
      close: false,
      sequence: undefined,
      trackMetrics: true,
      renew: false,
      limitRows: 5,
    });
  });

  it('goes on, renews and closes by scanner id, all 64 bits of it', () => {
    const scannerId = 0xce22bd4a00000054n;
    expect(decodeScanRequest(encodeNext({ scannerId, sequence: 3n, rowsPerResponse: 7 }))).toMatchObject({
      scannerId,
      sequence: 3n,
      rowsPerResponse: 7,
    });
    expect(decodeScanRequest(encodeRenew(scannerId, 4n))).toMatchObject({
      scannerId,
      sequence: 4n,
      renew: true,
    });
    expect(decodeScanRequest(encodeCloseScanner(scannerId))).toMatchObject({
      scannerId,
      close: true,
      rowsPerResponse: 0,
    });
  });

  it('answers with the sizes of its results; what is absent is not false', () => {
    const layout = new ResultLayout();
    const results = Array.from({ length: 3000 }, (_, index) => ({
      cells: index % 7,
      partial: index === 2999,
    }));
    const bytes = encodeScanResponse({
      scannerId: 0xce22bd4a00000054n,
      leaseMs: 60_000,
      results,
      metrics: new Map([['ROWS_FILTERED', 12n]]),
    });
    const answer = decodeScanResponse(bytes, { start: 0, end: bytes.length }, layout);
    expect(answer).toEqual({
      scannerId: 0xce22bd4a00000054n,
      leaseMs: 60_000,
      moreResults: undefined,
      moreResultsInRegion: undefined,
      heartbeat: false,
      metrics: new Map([['ROWS_FILTERED', 12n]]),
    });
    expect(layout.count).toBe(3000);
    expect([...layout.cellCounts.subarray(0, 3000)]).toEqual(results.map(({ cells }) => cells));
    expect(layout.partials.subarray(0, 3000).indexOf(1)).toBe(2999);
  });

  it('forgets the layout of the response before', () => {
    const layout = new ResultLayout();
    const first = encodeScanResponse({ results: [{ cells: 1, partial: true }] });
    decodeScanResponse(first, { start: 0, end: first.length }, layout);
    const end = encodeScanResponse({ results: [], moreResults: true, moreResultsInRegion: false });
    expect(decodeScanResponse(end, { start: 0, end: end.length }, layout)).toMatchObject({
      moreResults: true,
      moreResultsInRegion: false,
    });
    expect([layout.count, layout.partials[0]]).toEqual([0, 0]);
  });

  it.each<Filter>([
    { kind: 'random-row', chance: -1 },
    { kind: 'prefix', prefix: text('ab') },
    { kind: 'any', filters: [{ kind: 'key-only' }, { kind: 'all', filters: [] }] },
    { kind: 'page', rows: 70_000 },
    { kind: 'row', compare: 'greater-or-equal', key: Buffer.from([0, 0xff]) },
    {
      kind: 'column-value',
      family: Buffer.from('f'),
      qualifier: Buffer.from('q'),
      compare: 'less',
      value: Buffer.from([0x80]),
      passMissing: true,
    },
  ])('carries filter %j', (filter) => {
    expect(readFilter(encodeMessage(writeFilter(filter)))).toEqual(filter);
  });

  it('refuses a filter it does not know', () => {
    const unknown = encodeMessage((writer) =>
      writer.string(1, 'org.apache.hadoop.hbase.filter.TimestampsFilter'),
    );
    expect(() => readFilter(unknown)).toThrow(/TimestampsFilter is unknown/);
  });
});

describe('get and multi', () => {
  const get = {
    row: text('r'),
    families: [{ family: text('cf'), qualifiers: [] }],
    maxVersions: 1,
    cacheBlocks: true,
  };

  it('get a row; the answer tells how many cells are its', () => {
    expect(decodeGetRequest(encodeGetRequest(text('t,,1.x.'), get))).toEqual({
      regionName: text('t,,1.x.'),
      get,
    });
    expect([decodeGetResponse(encodeGetResponse(12)), decodeGetResponse(Buffer.alloc(0))]).toEqual([12, 0]);
  });

  it('send actions by region, each with its index', () => {
    const cell = {
      row: text('r2'),
      family: text('cf'),
      qualifier: text('q'),
      timestamp: 1n,
      type: 'put',
      value: text('v'),
    } as const;
    const mutation = { kind: 'put', row: text('r2'), cells: [cell, cell] } as const;
    const request = [
      { regionName: text('one'), actions: [{ index: 0, action: { get } }] },
      { regionName: text('two'), actions: [{ index: 2, action: { mutation } }] },
    ];
    expect(decodeMultiRequest(encodeMultiRequest(request))).toEqual([
      { regionName: text('one'), actions: [{ index: 0, get }] },
      {
        regionName: text('two'),
        actions: [{ index: 2, mutation: { row: text('r2'), kind: 'put', cellCount: 2 } }],
      },
    ]);
  });

  it('answer per action and per region', () => {
    const exception = { className: 'a.B', stackTrace: 'a.B: x' };
    const regions = [
      {
        results: [
          { index: 0, cellCount: 3 },
          { index: 5, exception },
        ],
      },
      { results: [], exception },
    ];
    expect(decodeMultiResponse(encodeMultiResponse(regions))).toEqual(regions);
  });
});

describe('cluster', () => {
  it('says where meta is, and that it is nowhere', () => {
    const meta = { ...info, table: 'hbase:meta', split: false };
    expect(decodeMetaLocation(encodeMetaLocation(meta, server))).toEqual(server);
    expect(decodeMetaLocation(encodeMetaLocation({ ...meta, replicaId: 1 }, server))).toBeUndefined();
    expect(decodeMetaLocation(Buffer.alloc(0))).toBeUndefined();
    expect(decodeServers(encodeServers([server, server]))).toEqual([server, server]);
  });

  it('reads a server out of a znode', () => {
    const node = Buffer.concat([
      Buffer.from([0xff, 0, 0, 0, 3]),
      text('id!'),
      text('PBUF'),
      encodeServers([server]),
    ]);
    expect(decodeServerNode(node)).toEqual(server);
    expect(() => decodeServerNode(text('something else'))).toThrow(/unknown format/);
  });

  it('tells versions and the clocks of live servers', () => {
    const status = { version: '2.6.4', liveServers: [{ server, reportedAtMs: 1_795_571_245_685 }] };
    expect(decodeClusterStatusResponse(encodeClusterStatusResponse(status))).toEqual(status);
  });

  it('describes regions, their state and their size', () => {
    expect(readRegionInfo(encodeMessage(writeRegionInfo(info)))).toEqual(info);
    expect(readTableState(encodeMessage(writeTableState('DISABLED')))).toBe('DISABLED');
    const load = {
      regionName: text('t,,1.x.'),
      uncompressedMegabytes: 74,
      storefileMegabytes: 70,
      memstoreMegabytes: 3,
    };
    expect(decodeRegionLoadResponse(encodeRegionLoadResponse([load, load]))).toEqual([load, load]);
    expect(decodeRegionLoadRequest(encodeRegionLoadRequest('ns:t'))).toBe('ns:t');
    const name = text('ns:t,a,17.0123456789abcdef0123456789abcdef.');
    expect(encodedRegionName(name).toString()).toBe('0123456789abcdef0123456789abcdef');
  });

  it('lists tables, families and namespaces, and follows procedures', () => {
    const schema = {
      table: 'ns:t',
      attributes: new Map([['coprocessor$1', '|org.example.Counter|1001|']]),
      families: [{ name: text('cf'), attributes: new Map([['VERSIONS', '3']]) }],
    };
    expect(decodeTableDescriptorsResponse(encodeTableDescriptorsResponse([schema]))).toEqual([schema]);
    expect(decodeTableNamesResponse(encodeTableNamesResponse(['t', 'ns:t']))).toEqual(['t', 'ns:t']);
    expect(decodeNamespacesResponse(encodeNamespacesResponse(['default', 'hbase']))).toEqual([
      'default',
      'hbase',
    ]);
    expect(decodeProcedureId(encodeProcedureId(5n))).toBe(5n);
    expect(decodeProcedureResult(encodeProcedureResult('finished'))).toEqual({ state: 'finished' });
  });
});

describe('table names', () => {
  it('know one table by its short and its full name', () => {
    expect(['users', 'default:users', 'ns:users'].map(canonicalTableName)).toEqual([
      'users',
      'users',
      'ns:users',
    ]);
    expect(readTableName(encodeMessage(writeTableName('users')))).toBe('users');
    expect(readTableName(encodeMessage(writeTableName('ns:users')))).toBe('ns:users');
  });

  it.each(['', 'a b', 'a,b', ':t', 'ns:', '-t', 'a/b', 'x:y:z'])('refuse %j', (name) => {
    expect(() => splitTableName(name)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});
