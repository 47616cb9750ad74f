// The estimate of a table's rows, from sizes that servers tell and rows that are sampled.
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import type { CallContext } from '../../../../connectors/hbase/client/call-context.ts';
import { RpcResponse } from '../../../../connectors/hbase/client/wire/connection.ts';
import { Frame, FrameBuffers } from '../../../../connectors/hbase/client/wire/frame-buffers.ts';
import { encodeRegionLoadResponse } from '../../../../connectors/hbase/client/messages/admin.ts';
import { decodeResponse, encodeResponse } from '../../../../connectors/hbase/client/wire/frame.ts';
import { estimateRows } from '../../../../connectors/hbase/client/scan/row-count.ts';
import { FakeRegionServers } from '../../../fakes/fake-region-servers.ts';

const cellBytes = 100;

/** A table whose rows take `cellBytes` each in a file, told to be of `megabytes`. */
function setup(rowCount: number, megabytes: number): CallContext {
  const rows = Array.from({ length: rowCount }, (_, index) => {
    const row = Buffer.from(String(index).padStart(6, '0'));
    const value = Buffer.alloc(cellBytes - 8 - 12 - 6 - 2);
    const cell = {
      row,
      family: Buffer.from('f'),
      qualifier: Buffer.from('q'),
      timestamp: 1n,
      type: 'put',
      value,
    } as const;
    return { key: row, cells: [cell] };
  });
  const servers = new FakeRegionServers(rows, [Buffer.from('000500')]);
  const context = servers.context(systemClock);
  const load = { regionName: Buffer.from('t'), storefileMegabytes: 1, memstoreMegabytes: 1 };
  const loads = encodeResponse(
    1,
    encodeRegionLoadResponse([{ ...load, uncompressedMegabytes: megabytes - 1 }]),
  ).subarray(4);
  return {
    ...context,
    connections: {
      ...context.connections,
      call: (server, service, call) =>
        call.method === 'GetRegionLoad'
          ? Promise.resolve(
              new RpcResponse(
                new Frame(loads, loads.length, new FrameBuffers()),
                decodeResponse(loads, 0, loads.length),
              ),
            )
          : context.connections.call(server, service, call),
    },
  };
}

describe('row estimate', () => {
  it('is size by mean row size', async () => {
    const { rows, exact } = await estimateRows(setup(1000, 100), 't');
    expect(exact).toBe(false);
    expect(rows).toBe(Math.round((100 * 1024 * 1024) / cellBytes));
  });

  it('counts where sizes in whole MB say nothing, or where nothing could be sampled', async () => {
    expect(await estimateRows(setup(1000, 7), 't')).toEqual({ rows: 1000, exact: true });
    expect(await estimateRows(setup(0, 100), 't')).toEqual({ rows: 0, exact: true });
  });
});
