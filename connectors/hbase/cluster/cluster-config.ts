// Where the HBase cluster is: the keys that source, sink and the looking endpoints have in common.
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { Refuse, ValuesOf } from '../../../src/core/connector/config.ts';
import { config, text, whole } from '../../../src/core/connector/config.ts';
import { kerberosKeys, readKerberos } from './kerberos-config.ts';
import type { ClusterPlace } from '../client/client.ts';
import type { TlsOptions } from '../client/wire/connection.ts';
import type { KerberosOptions } from '../client/sasl/kerberos-options.ts';
import { readTls, tlsKeys } from './tls-config.ts';

const group = 'HBase cluster';

export const clusterKeys = {
  zookeeperHosts: text('pkuse.hbase.ip', {
    default: '',
    doc: {
      en: 'ZooKeeper hosts, as a comma list; host:port where ports differ.',
      zh: 'ZooKeeper 主机，以逗号分隔；端口不同时写 host:port。',
    },
    group,
  }),
  zookeeperPort: whole('pkuse.hbase.port', {
    default: 2_181,
    min: 1,
    max: 65_535,
    doc: { en: 'Client port of ZooKeeper.', zh: 'ZooKeeper 的客户端端口。' },
    group,
  }),
  masters: text('hbase.masters', {
    default: '',
    doc: {
      en: 'Masters or region servers as host:port, instead of pkuse.hbase.ip.',
      zh: 'Master 或 RegionServer 的 host:port，代替 pkuse.hbase.ip。',
    },
    group,
  }),
  znodeParent: text('hbase.znode.parent', {
    default: '/hbase',
    doc: {
      en: 'zookeeper.znode.parent of the cluster, behind the chroot if there is one.',
      zh: '集群的 zookeeper.znode.parent；有 chroot 时写在其后。',
    },
    group,
  }),
  user: text('hbase.user', {
    default: 'syncline',
    doc: {
      en: 'User name that HBase sees; with Kerberos it sees whom the ticket names.',
      zh: 'HBase 看到的用户名；使用 Kerberos 时为票据中的用户。',
    },
    group,
  }),
  ...kerberosKeys,
  ...tlsKeys,
};

/** How a cluster is reached. */
export interface ClusterConfig {
  readonly cluster: ClusterPlace;
  readonly user: string;
  readonly kerberos: KerberosOptions | undefined;
  readonly tls: TlsOptions | undefined;
}

/** Hosts that a configuration names, without ports; of one that is not complete yet, too. */
export function clusterHosts(flat: ConnectorConfig): readonly string[] {
  const lists = [flat['pkuse.hbase.ip'], flat['hbase.masters']];
  const items = lists.flatMap((list) => (list ?? '').split(',')).map((item) => item.trim());
  return items.map((item) => /^(?:\[[^\]]*\]|[^:]*)/.exec(item)?.[0] ?? '').filter((host) => host !== '');
}

export const clusterConfig = config(clusterKeys, readCluster);

/** null: it was named what is wrong. */
export function readCluster(values: ValuesOf<typeof clusterKeys>, refuse: Refuse): ClusterConfig | null {
  const cluster = readPlace(values, refuse);
  const kerberos = readKerberos(values, refuse);
  const tls = readTls(values, refuse);
  return cluster && { cluster, user: values.user, kerberos, tls };
}

function readPlace(values: ValuesOf<typeof clusterKeys>, refuse: Refuse): ClusterPlace | null {
  const { zookeeperHosts: hosts, zookeeperPort, masters, znodeParent } = values;
  if (hosts === '' && masters === '') {
    refuse('pkuse.hbase.ip', 'missing; name the ZooKeeper hosts here, or masters in hbase.masters');
    return null;
  }
  if (masters !== '') {
    const servers = readAddresses(masters, null);
    if (servers === null) refuse('hbase.masters', 'write host:port, as a comma list');
    return servers && { servers };
  }
  const servers = readAddresses(hosts, zookeeperPort);
  if (servers === null) refuse('pkuse.hbase.ip', 'write hosts, as a comma list');
  if (!znodeParent.startsWith('/')) refuse('hbase.znode.parent', 'write a path from the root, like /hbase');
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
