// The jars of an HBase server, named one by one: the full dependency tree is three times as large. None can
// be left out: without commons-io, hbase-http or jackson-annotations it starts and scans, but one region
// server's stop makes the other abort while opening the recovered regions.

export type HbaseVersion = '2.4' | '2.5' | '2.6' | '3.0';

interface Release {
  readonly hbase: string;
  /** Of HBase's own libraries under other names. */
  readonly thirdparty: string;
  /** Jars that not every line has; the coprocessor that counts rows is among them, though nothing loads it by itself. */
  readonly own: (release: string) => readonly string[];
}

const coprocessors = 'org.apache.hbase:hbase-endpoint';
const telemetry = 'io.opentelemetry.semconv:opentelemetry-semconv:1.29.0-alpha';
const before3 = (release: string): string => `org.apache.hbase:hbase-{hadoop2-compat,protocol}:${release}`;

/** The newest of each line whose jars are all to be had. */
const releases: Readonly<Record<HbaseVersion, Release>> = {
  '2.4': {
    hbase: '2.4.18',
    thirdparty: '4.1.5',
    own: (release) => [
      before3(release),
      `org.apache.hbase:hbase-{endpoint,logging}:${release}`,
      'org.apache.htrace:htrace-core4:4.2.0-incubating',
    ],
  },
  '2.5': {
    hbase: '2.5.13-hadoop3',
    thirdparty: '4.1.12',
    own: (release) => [before3(release), `${coprocessors}:${release}`, telemetry],
  },
  '2.6': {
    hbase: '2.6.4-hadoop3',
    thirdparty: '4.1.12',
    own: (release) => [before3(release), `${coprocessors}:2.6.1-hadoop3`, telemetry],
  },
  '3.0': {
    hbase: '3.0.0-alpha-4',
    thirdparty: '4.1.4',
    own: (release) => [
      `org.apache.hbase:hbase-{balancer,logging}:${release}`,
      'com.github.ben-manes.caffeine:caffeine:2.8.1',
      'commons-validator:commons-validator:1.7',
      'io.opentelemetry:opentelemetry-semconv:1.15.0-alpha',
    ],
  },
};

export function hbaseCoordinates(version: HbaseVersion): readonly string[] {
  const { hbase, thirdparty, own } = releases[version];
  return [
    ...libraries,
    `org.apache.hbase:hbase-{asyncfs,client,common,hadoop-compat,http,metrics,metrics-api,procedure}:${hbase}`,
    `org.apache.hbase:hbase-{protocol-shaded,replication,server,zookeeper}:${hbase}`,
    `org.apache.hbase.thirdparty:hbase-{shaded-gson,shaded-jetty,shaded-miscellaneous}:${thirdparty}`,
    `org.apache.hbase.thirdparty:hbase-{shaded-netty,shaded-protobuf,unsafe}:${thirdparty}`,
    ...own(hbase),
  ];
}

const libraries: readonly string[] = [
  'org.agrona:agrona:1.12.0',
  'org.apache.yetus:audience-annotations:0.13.0',
  'commons-cli:commons-cli:1.5.0',
  'commons-codec:commons-codec:1.15',
  'commons-io:commons-io:2.18.0',
  'commons-logging:commons-logging:1.2',
  'com.lmax:disruptor:3.4.4',
  'org.apache.hadoop.thirdparty:hadoop-shaded-guava:1.4.0',
  'org.apache.commons:commons-{collections4:4.4,compress:1.26.1,configuration2:2.10.1,lang3:3.18.0,text:1.10.0}',
  'org.apache.hadoop:hadoop-{annotations,auth,common,hdfs-client,mapreduce-client-core}:3.4.2',
  'com.fasterxml.jackson.core:jackson-{core:2.19.2,databind:2.12.7.1,annotations:2.12.7}',
  'com.fasterxml.woodstox:woodstox-core:5.4.0',
  'org.codehaus.woodstox:stax2-api:4.2.1',
  'org.apache.logging.log4j:log4j-{1.2-api,api,core,slf4j-impl}:2.17.2',
  'org.slf4j:slf4j-api:1.7.33',
  'javax.servlet:javax.servlet-api:3.1.0',
  'io.dropwizard.metrics:metrics-core:3.2.6',
  'io.opentelemetry:opentelemetry-{api,context}:1.49.0',
  'com.google.protobuf:protobuf-java:2.5.0',
  'com.google.re2j:re2j:1.1',
  'org.xerial.snappy:snappy-java:1.1.10.4',
  'org.apache.zookeeper:{zookeeper,zookeeper-jute}:3.8.4',
];
