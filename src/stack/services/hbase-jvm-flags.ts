// What HBase and Hadoop need opened in a JVM of version 17; servers and clients alike.

const openedPackages = [
  'java.io',
  'java.nio',
  'sun.nio.ch',
  'java.lang',
  'jdk.internal.ref',
  'java.lang.reflect',
  'java.util',
  'java.util.concurrent',
];

const exportedPackages = [
  'java.base/jdk.internal.misc',
  'java.security.jgss/sun.security.krb5',
  'java.base/sun.net.dns',
  'java.base/sun.net.util',
];

export const hbaseJvmFlags: readonly string[] = [
  '-Dorg.apache.hbase.thirdparty.io.netty.tryReflectionSetAccessible=true',
  '--add-modules',
  'jdk.unsupported',
  ...openedPackages.flatMap((name) => ['--add-opens', `java.base/${name}=ALL-UNNAMED`]),
  ...exportedPackages.flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
];
