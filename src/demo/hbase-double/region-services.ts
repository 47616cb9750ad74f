// The small services of the double: where things are (ClientMetaService), and what regions weigh (AdminService).
import {
  decodeRegionLoadRequest,
  decodeRegionRequest,
  encodeRegionLoadResponse,
} from '../../../connectors/hbase/client/messages/admin.ts';
import { encodeMetaLocation, encodeServers } from '../../../connectors/hbase/client/messages/registry.ts';
import { canonicalTableName } from '../../../connectors/hbase/client/messages/table-name.ts';
import type { DoubleContext, ServiceCalls } from './double-context.ts';
import { rewriteRows } from './double-table.ts';
import { compactRow, flushRow } from './stored-row.ts';

const megabyte = 1024 * 1024;
const none = Buffer.alloc(0);
const metaInfo = {
  regionId: 1n,
  table: 'hbase:meta',
  startKey: none,
  endKey: none,
  offline: false,
  split: false,
  replicaId: 0,
};

export function registryService(context: DoubleContext): ServiceCalls {
  const { server } = context;
  return {
    GetMetaRegionLocations: () => ({ message: encodeMetaLocation(metaInfo, server) }),
    GetActiveMaster: () => ({ message: encodeServers(context.hasMaster ? [server] : []) }),
    GetBootstrapNodes: () => ({ message: encodeServers([server]) }),
  };
}

export function adminService({ tables }: DoubleContext): ServiceCalls {
  return {
    GetRegionLoad: (param) => {
      const { regions } = tables.require(canonicalTableName(decodeRegionLoadRequest(param)));
      const loads = regions.map(({ name, bytes }) => ({
        regionName: name,
        uncompressedMegabytes: 0,
        storefileMegabytes: 0,
        memstoreMegabytes: Math.floor(bytes / megabyte),
      }));
      return { message: encodeRegionLoadResponse(loads) };
    },
    // There are no files, but what a flush and a major compaction do to deleted cells is done.
    FlushRegion: (param) => {
      rewriteRows(tables.region(decodeRegionRequest(param).regionName), flushRow);
      return { message: none };
    },
    CompactRegion: (param) => {
      const { regionName, major } = decodeRegionRequest(param);
      if (major) rewriteRows(tables.region(regionName), compactRow);
      return { message: none };
    },
  };
}
