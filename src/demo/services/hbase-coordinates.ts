// The jars of an HBase server, named one by one: the full dependency tree is three times as large. None can
// be left out: without commons-io, hbase-http or jackson-annotations it starts and scans, but one region
// server's stop makes the other abort while opening the recovered regions.

const hbaseVersion = '2.6.4-hadoop3';

export const hbaseCoordinates: readonly string[] = [
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
  `org.apache.hbase:hbase-{asyncfs,client,common,hadoop-compat,hadoop2-compat,http,metrics,metrics-api}:${hbaseVersion}`,
  `org.apache.hbase:hbase-{procedure,protocol,protocol-shaded,replication,server,zookeeper}:${hbaseVersion}`,
  // The coprocessor that counts rows; the newest whole release of it. Nothing loads it by itself.
  'org.apache.hbase:hbase-endpoint:2.6.1-hadoop3',
  'org.apache.hbase.thirdparty:hbase-{shaded-gson,shaded-jetty,shaded-miscellaneous,shaded-netty}:4.1.12',
  'org.apache.hbase.thirdparty:hbase-{shaded-protobuf,unsafe}:4.1.12',
  'com.fasterxml.jackson.core:jackson-{core:2.19.2,databind:2.12.7.1,annotations:2.12.7}',
  'com.fasterxml.woodstox:woodstox-core:5.4.0',
  'org.codehaus.woodstox:stax2-api:4.2.1',
  'org.apache.logging.log4j:log4j-{1.2-api,api,core,slf4j-impl}:2.17.2',
  'org.slf4j:slf4j-api:1.7.33',
  'javax.servlet:javax.servlet-api:3.1.0',
  'io.dropwizard.metrics:metrics-core:3.2.6',
  'io.opentelemetry:opentelemetry-{api,context}:1.49.0',
  'io.opentelemetry.semconv:opentelemetry-semconv:1.29.0-alpha',
  'com.google.protobuf:protobuf-java:2.5.0',
  'com.google.re2j:re2j:1.1',
  'org.xerial.snappy:snappy-java:1.1.10.4',
  'org.apache.zookeeper:{zookeeper,zookeeper-jute}:3.8.4',
];
