// Where the HBase cluster is: the keys that source, sink and the looking endpoints have in common.
import type { ConfigDef } from '../../src/core/connector/config-def.ts';
import { optional, whole } from './config-keys.ts';
import { kerberosKeys } from './kerberos-config.ts';
import type { ClusterPlace } from './rpc/client.ts';
import { tlsKeys } from './tls-config.ts';

export const CLUSTER_KEY = {
  zookeeperHosts: 'pkuse.hbase.ip',
  zookeeperPort: 'pkuse.hbase.port',
  masters: 'hbase.masters',
  znodeParent: 'hbase.znode.parent',
  user: 'hbase.user',
} as const;

const cluster = 'HBase cluster';

export const clusterKeys: ConfigDef = [
  optional(
    CLUSTER_KEY.zookeeperHosts,
    cluster,
    'ZooKeeper hosts, as a comma list; host:port where ports differ.',
    null,
  ),
  whole(CLUSTER_KEY.zookeeperPort, cluster, {
    text: 'Client port of ZooKeeper.',
    initial: 2181,
    max: 65_535,
  }),
  optional(
    CLUSTER_KEY.masters,
    cluster,
    `Masters or region servers as host:port, instead of ${CLUSTER_KEY.zookeeperHosts}.`,
    null,
  ),
  optional(
    CLUSTER_KEY.znodeParent,
    cluster,
    'zookeeper.znode.parent of the cluster, behind the chroot if there is one.',
    '/hbase',
  ),
  optional(
    CLUSTER_KEY.user,
    cluster,
    'User name that HBase sees; with Kerberos it sees whom the ticket names.',
    'syncline',
  ),
  ...kerberosKeys,
  ...tlsKeys,
];

/** A key's text, trimmed, or its default. */
export type Read = (name: string) => string;
export type Report = (name: string, message: string) => void;

/** null: it was reported what is wrong. */
export function readCluster(value: Read, report: Report): ClusterPlace | null {
  const [hosts, masters] = [value(CLUSTER_KEY.zookeeperHosts), value(CLUSTER_KEY.masters)];
  if (hosts === '' && masters === '') {
    report(
      CLUSTER_KEY.zookeeperHosts,
      `missing; name the ZooKeeper hosts here, or masters in ${CLUSTER_KEY.masters}`,
    );
    return null;
  }
  if (masters !== '') {
    const servers = readAddresses(masters, null);
    if (servers === null) report(CLUSTER_KEY.masters, 'write host:port, as a comma list');
    return servers && { servers };
  }
  const servers = readAddresses(hosts, Number(value(CLUSTER_KEY.zookeeperPort)));
  if (servers === null) report(CLUSTER_KEY.zookeeperHosts, 'write hosts, as a comma list');
  const znodeParent = value(CLUSTER_KEY.znodeParent);
  if (!znodeParent.startsWith('/'))
    report(CLUSTER_KEY.znodeParent, 'write a path from the root, like /hbase');
  return servers && { zookeeper: { servers, znodeParent } };
}

/** The same for all that find the cluster by the same servers, in whatever order they name them. */
export function clusterName(place: ClusterPlace): string {
  const { servers, path } =
    'zookeeper' in place
      ? { servers: place.zookeeper.servers, path: place.zookeeper.znodeParent ?? '' }
      : { servers: place.servers, path: '' };
  const names = servers.map(({ host, port }) => `${host.toLowerCase()}:${port}`);
  return `${names.sort().join(',')}${path}`;
}

/** null: not a list of addresses. */
function readAddresses(text: string, defaultPort: number | null): { host: string; port: number }[] | null {
  const addresses = text.split(',').map((part) => {
    const match = /^\s*([\w.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?\s*$/i.exec(part);
    const port = match?.[2] === undefined ? defaultPort : Number(match[2]);
    return { host: (match?.[1] ?? '').replaceAll(/[[\]]/g, ''), port: port ?? 0 };
  });
  return addresses.every(({ host, port }) => host !== '' && port > 0 && port < 65_536) ? addresses : null;
}
