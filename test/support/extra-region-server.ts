// A third region server of a private HBase, in a process of its own, so that it can be killed without the rest.
import { spawn } from 'node:child_process';
import { requireTool } from '../../src/stack/find-tool.ts';
import { hbaseJvmFlags } from '../../src/stack/services/hbase-jvm-flags.ts';
import { jvmFlags } from '../../src/stack/services/jvm-flags.ts';
import type { HbaseEndpoint } from '../../src/stack/stack-endpoints.ts';
import type { HbaseOracle } from './hbase-oracle.ts';
import { waitUntil } from './wait-until.ts';

const heapMb = 256;
const startLimitMs = 90_000;

export interface ExtraRegionServer {
  /** `host,port,startcode` */
  readonly name: string;
  /** kill -9: it says goodbye to nobody. Returns when the process is gone. */
  kill(): Promise<void>;
}

export async function startExtraRegionServer(
  hbase: HbaseEndpoint,
  oracle: HbaseOracle,
): Promise<ExtraRegionServer> {
  const before = new Set(await oracle.servers());
  // A server of its own must think that the cluster is distributed; the files it reads are the same all the same.
  const settings = ['-Dhbase.cluster.distributed=true', '-Dhbase.regionserver.port=0'];
  const child = spawn(
    requireTool('java'),
    [
      ...jvmFlags(heapMb),
      ...hbaseJvmFlags,
      '-cp',
      `${hbase.confDir}:${hbase.libDir}/*`,
      'org.apache.hadoop.hbase.regionserver.HRegionServer',
      ...settings,
      'start',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let name: string | undefined;
  const isKnown = async (): Promise<boolean> => {
    name = (await oracle.servers()).find((server) => !before.has(server));
    return name !== undefined;
  };
  await waitUntil('the extra region server reports to the master', isKnown, startLimitMs);
  return {
    name: name ?? '',
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
