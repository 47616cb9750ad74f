// JVM flags by heap size. A small heap is for tests and demos: quick to start matters, so the quick compiler and
// the collector without threads (HBase is ready for half the processor time). From 1 GiB on throughput matters.

const throughputHeapMb = 1_024;

export function jvmFlags(heapMb: number): string[] {
  const character =
    heapMb < throughputHeapMb ? ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'] : ['-XX:+UseG1GC'];
  return [`-Xmx${heapMb}m`, '-XX:-UsePerfData', ...character];
}
