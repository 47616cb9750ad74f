// HBase in one JVM: master, two region servers and ZooKeeper, on the local file system.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireTool } from '../find-tool.ts';
import { findFreePort } from '../free-port.ts';
import { makePom } from '../maven-pom.ts';
import type { ServiceContext, StackService } from '../stack-service.ts';
import type { HbaseEndpoint } from '../stack-endpoints.ts';
import { hbaseCoordinates } from './hbase-coordinates.ts';
import { hbaseJvmFlags } from './hbase-jvm-flags.ts';
import { jvmFlags } from './jvm-flags.ts';
import { writeLog4jConfig } from './log4j-config.ts';
import { countZookeeperChildren } from './zookeeper-children.ts';

const regionServers = 2;
const masterIsUp = 'Master has completed initialization';

export const hbase: StackService<'hbase'> = {
  name: 'hbase',
  needs: [],
  tools: ['java'],
  pom: ({ hbaseVersion }) => makePom(hbaseCoordinates(hbaseVersion), { transitive: false }),
  stopSignal: 'SIGTERM',
  stopLimitMs: 5_000,
  start: startHbase,
};

async function startHbase(context: ServiceContext<'hbase'>): Promise<HbaseEndpoint> {
  const clientPort = context.kept?.clientPort ?? (await findFreePort());
  const confDir = join(context.folder, 'conf');
  mkdirSync(confDir, { recursive: true });
  const site = { ...siteProperties(context.folder, clientPort), ...context.settings.hbaseSite };
  writeFileSync(join(confDir, 'hbase-site.xml'), siteXml(site));
  writeFileSync(join(confDir, 'core-site.xml'), siteXml(context.settings.hbaseCoreSite));
  writeLog4jConfig(join(confDir, 'log4j2.properties'), { rootLevel: 'INFO' });
  await context.launch({
    program: requireTool('java'),
    args: [
      ...jvmFlags(context.settings.hbaseHeapMb),
      ...hbaseJvmFlags,
      ...context.settings.hbaseJvm,
      '-cp',
      `${confDir}:${context.jarDir}/*`,
      'org.apache.hadoop.hbase.master.HMaster',
      `--localRegionServers=${regionServers}`,
      'start',
    ],
    isReady: async () =>
      isMasterUp(context.logFile) &&
      (await countZookeeperChildren(clientPort, '/hbase/rs')) === regionServers,
  });
  return { quorum: '127.0.0.1', clientPort, confDir, libDir: context.jarDir };
}

// The master registers long before it serves. Its own word for "initialized" is in the log only.
function isMasterUp(logFile: string): boolean {
  return existsSync(logFile) && readFileSync(logFile, 'latin1').includes(masterIsUp);
}

function siteProperties(folder: string, clientPort: number): Record<string, string> {
  const data = join(folder, 'data');
  return {
    'hbase.cluster.distributed': 'false',
    'hbase.tmp.dir': join(data, 'tmp'),
    'hbase.rootdir': `file://${join(data, 'root')}`,
    'hbase.unsafe.stream.capability.enforce': 'false',
    'hbase.wal.provider': 'filesystem',
    'hbase.master.hostname': 'localhost',
    'hbase.unsafe.regionserver.hostname': 'localhost',
    'hbase.master.ipc.address': '127.0.0.1',
    'hbase.regionserver.ipc.address': '127.0.0.1',
    'hbase.master.info.port': '-1',
    'hbase.regionserver.info.port': '-1',
    'hbase.zookeeper.quorum': '127.0.0.1',
    'hbase.zookeeper.property.clientPort': String(clientPort),
    'hbase.zookeeper.property.dataDir': join(data, 'zk'),
    'hbase.localcluster.assign.random.ports': 'true',
    // Java clients of 3.0 would look for a master at its usual port.
    'hbase.client.registry.impl': 'org.apache.hadoop.hbase.client.ZKConnectionRegistry',
    // Otherwise the master waits 4.5 s for more servers than there will ever be.
    'hbase.master.wait.on.regionservers.mintostart': String(regionServers),
    'hbase.master.wait.on.regionservers.maxtostart': String(regionServers),
  };
}

function siteXml(properties: Readonly<Record<string, string>>): string {
  const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const lines = Object.entries(properties).map(
    ([name, value]) => `<property><name>${escape(name)}</name><value>${escape(value)}</value></property>`,
  );
  return `<?xml version="1.0"?>\n<configuration>\n${lines.join('\n')}\n</configuration>\n`;
}
