// The source's configuration: article 003's request, what is refused before any network, names and identity.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { fullDef } from '../../../../src/worker/config/config-validation.ts';
import { readSourceConfig } from '../../../../connectors/hbase/source/source-config.ts';
import { hbaseSink } from '../../../../connectors/hbase/sink/sink-connector.ts';
import { hbaseSource } from '../../../../connectors/hbase/source/source-connector.ts';

function articleConfig(): Record<string, string> {
  const printed = readFileSync(new URL('../../../golden/article-003-source.txt', import.meta.url), 'utf8');
  const repaired = printed.replaceAll('\\ "maprule\\"', '\\"maprule\\"').replaceAll('ma prule', 'maprule');
  return (JSON.parse(repaired) as { config: Record<string, string> }).config;
}

const problems = (more: Record<string, string>): readonly (readonly [string, string])[] =>
  hbaseSource.validate({ ...articleConfig(), ...more }).map(({ key, message }) => [key, message] as const);

describe('the configuration of the HBase source', () => {
  it('names every host it would dial, with whatever port and brackets, so that the guard sees it', () => {
    const config = {
      'pkuse.hbase.ip': 'zk1, zk2:2182',
      'hbase.masters': '[fd00:ec2::254]:16000,[fe80::1],m:1',
    };
    expect(hbaseSource.hosts?.(config)).toEqual(['zk1', 'zk2', '[fd00:ec2::254]', '[fe80::1]', 'm']);
  });

  it('takes the request of article 003', () => {
    const config = articleConfig();
    expect(hbaseSource.aliases).toContain(config['connector.class']);
    expect(hbaseSource.validate(config)).toEqual([]);
    expect(hbaseSource.topicOf(config)).toBe('default_test_employee01_2021_06_17');
    expect(readSourceConfig(config)).toMatchObject({
      cluster: {
        zookeeper: {
          servers: ['247', '246', '238'].map((last) => ({ host: `192.168.130.${last}`, port: 2181 })),
          znodeParent: '/hbase',
        },
      },
      user: 'syncline',
      table: 'default:test_employee01_2021_06_17',
      scanners: 4,
      scannersPerServer: 2,
    });
  });

  it('declares every key of that request', () => {
    const declared = new Set(fullDef(hbaseSource).map(({ name }) => name));
    expect(Object.keys(articleConfig()).filter((key) => !declared.has(key))).toEqual([]);
  });

  it('takes certificates as text, and refuses what would be without effect or is none', () => {
    const [certificate = ''] = rootCertificates;
    const { privateKey: pair } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const privateKey = pair.export({ type: 'pkcs8', format: 'pem' }).toString();
    const tls = { 'hbase.rpc.tls.enabled': 'true', 'hbase.rpc.tls.ca': certificate };
    expect(problems(tls)).toEqual([]);
    expect(readSourceConfig({ ...articleConfig(), ...tls }).tls).toEqual({ ca: certificate.trim() });
    expect(readSourceConfig(articleConfig()).tls).toBeUndefined();
    const own = { 'hbase.rpc.tls.certificate': certificate, 'hbase.rpc.tls.key': privateKey };
    expect(problems({ ...tls, ...own })).toEqual([]);
    expect(problems({ ...tls, 'hbase.rpc.tls.certificate': certificate })).toEqual([
      ['hbase.rpc.tls.key', expect.stringContaining('missing') as string],
    ]);
    expect(problems({ ...tls, ...own, 'hbase.rpc.tls.key': '/etc/shadow' })).toEqual([
      ['hbase.rpc.tls.key', expect.stringContaining('PEM') as string],
    ]);
    expect(problems({ 'hbase.rpc.tls.ca': certificate })).toEqual([
      ['hbase.rpc.tls.ca', expect.stringContaining('hbase.rpc.tls.enabled=true') as string],
    ]);
    expect(problems({ 'hbase.rpc.tls.enabled': 'yes' })).toEqual([
      ['hbase.rpc.tls.enabled', expect.stringContaining('true or false') as string],
    ]);
    for (const { configDef } of [hbaseSource, hbaseSink])
      expect(configDef.find(({ name }) => name === 'hbase.rpc.tls.key')?.type).toBe('PASSWORD');
  });

  it('finds the cluster by masters instead', () => {
    const config = { ...articleConfig(), 'pkuse.hbase.ip': '', 'hbase.masters': 'm1:16000, m2:16010' };
    expect(readSourceConfig(config).cluster).toEqual({
      servers: [
        { host: 'm1', port: 16_000 },
        { host: 'm2', port: 16_010 },
      ],
    });
  });

  it('takes increments by a mapped column that can grow, and refuses others, naming the key', () => {
    const by = (column: string) => problems({ 'pkuse.incrementreadfields': column });
    expect(by('salary')).toEqual([]);
    expect(by('name')).toEqual([
      ['pkuse.incrementreadfields', expect.stringContaining('type string') as string],
    ]);
    expect(by('updated_at')).toEqual([
      ['pkuse.incrementreadfields', expect.stringContaining('not in the mapping') as string],
    ]);
    const identity = (column: string) =>
      hbaseSource.identity({ ...articleConfig(), 'pkuse.incrementreadfields': column });
    expect(identity('salary')).not.toBe(identity(''));
  });

  it('names the key of everything that is wrong', () => {
    expect(problems({ 'pkuse.hbase.ip': '' })).toEqual([
      ['pkuse.hbase.ip', expect.stringContaining('missing') as string],
    ]);
    expect(problems({ 'pkuse.hbase.ip': 'a b' })).toEqual([
      ['pkuse.hbase.ip', 'write hosts, as a comma list'],
    ]);
    expect(problems({ 'hbase.masters': 'm1' })).toEqual([
      ['hbase.masters', 'write host:port, as a comma list'],
    ]);
    expect(problems({ 'hbase.scanners': 'many' })).toEqual([
      ['hbase.scanners', 'write a whole number from 1 to 64'],
    ]);
    expect(problems({ 'hbase.znode.parent': 'hbase' })).toEqual([
      ['hbase.znode.parent', 'write a path from the root, like /hbase'],
    ]);
    expect(problems({ 'pkuse.hbase.table.name': 'ns:t' }).map(([key]) => key)).toContain(
      'pkuse.hbase.table.name',
    );
    expect(problems({ 'pkuse.kafka.topic.prefix': 'a/b' }).map(([key]) => key)).toEqual([
      'pkuse.kafka.topic.prefix',
    ]);
    expect(problems({ 'pkuse.hbase.filed.columnsKey': 'nope' }).map(([key]) => key)).toEqual([
      'pkuse.hbase.filed.mapping',
    ]);
    expect(() => readSourceConfig({ ...articleConfig(), 'pkuse.hbase.filed.mapping': '[]' })).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT' }) as Error,
    );
  });

  it('has an identity of cluster, table and key, and of nothing else', () => {
    const config = articleConfig();
    const identity = hbaseSource.identity(config);
    const mapping = JSON.parse(config['pkuse.hbase.filed.mapping'] ?? '') as Record<string, string>[];
    const without = JSON.stringify(mapping.filter(({ sourceFiled }) => sourceFiled !== 'salary'));
    expect(
      hbaseSource.identity({ ...config, 'pkuse.hbase.filed.mapping': without, 'hbase.scanners': '8' }),
    ).toBe(identity);
    expect(hbaseSource.identity({ ...config, 'pkuse.hbase.table.name': 'other' })).not.toBe(identity);
    const rekeyed = JSON.stringify(
      mapping.map((entry) => ({ ...entry, ispk: entry['sourceFiled'] === 'name' ? '1' : '0' })),
    );
    expect(hbaseSource.identity({ ...config, 'pkuse.hbase.filed.mapping': rekeyed })).not.toBe(identity);
  });
});

describe('a range of row keys in the configuration of the HBase source', () => {
  const range = { 'hbase.start.row': 'a', 'hbase.stop.row': 'b', 'hbase.salt': 'byte:8' };

  it('makes another job of it: a full run is demanded', () => {
    const whole = hbaseSource.identity(articleConfig());
    const first = hbaseSource.identity({ ...articleConfig(), ...range });
    expect(first).not.toBe(whole);
    expect(hbaseSource.identity({ ...articleConfig(), ...range, 'hbase.stop.row': 'c' })).not.toBe(first);
  });

  it('does not go with a comparison of keys', () => {
    expect(problems({ ...range, 'hbase.deletes': 'reconcile' })).toEqual([
      [
        'hbase.deletes',
        expect.stringMatching(/write ignore or markers, or leave hbase\.start\.row/) as string,
      ],
    ]);
    expect(problems({ ...range, 'hbase.deletes': 'markers' })).toEqual([]);
  });
});

describe('Kerberos in the configuration of the HBase source', () => {
  const principal = 'hbase.regionserver.kerberos.principal';
  const kerberos = { 'hbase.security.authentication': 'kerberos', [principal]: 'hbase/_HOST@R' };

  it('is off unless it is asked for', () => {
    expect(readSourceConfig(articleConfig()).kerberos).toBeUndefined();
  });

  it('takes the principal of region servers for masters, too, unless they have their own', () => {
    const read = (more: Record<string, string>) =>
      readSourceConfig({ ...articleConfig(), ...kerberos, ...more }).kerberos;
    expect(read({})).toEqual({
      regionServerPrincipal: 'hbase/_HOST@R',
      masterPrincipal: 'hbase/_HOST@R',
      protection: 'authentication',
    });
    expect(
      read({ 'hbase.master.kerberos.principal': 'm/_HOST@R', 'hbase.rpc.protection': 'privacy' }),
    ).toMatchObject({ masterPrincipal: 'm/_HOST@R', protection: 'privacy' });
  });

  it.each([
    [{ 'hbase.security.authentication': 'Kerberos!' }, 'hbase.security.authentication', /simple, kerberos/],
    [{ [principal]: '' }, principal, /missing/],
    [{ [principal]: 'hbase@R' }, principal, /service\/_HOST@REALM/],
    [{ 'hbase.master.kerberos.principal': 'm' }, 'hbase.master.kerberos.principal', /service\/_HOST@REALM/],
    [{ 'hbase.rpc.protection': 'auth-conf' }, 'hbase.rpc.protection', /authentication, integrity, privacy/],
  ])('refuses %j', (more, name, text) => {
    expect(problems({ ...kerberos, ...more })).toEqual([[name, expect.stringMatching(text) as string]]);
  });
});
