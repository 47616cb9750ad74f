// The list of benches by name.
import type { BenchCase, BenchOptions } from './bench.ts';
import { benchCron } from './cron.ts';
import { benchEndToEndFull } from './e2e-full.ts';
import { benchHbaseFaults } from './hbase-faults.ts';
import { benchHbaseScan } from './hbase-scan.ts';
import { benchHbaseSink } from './hbase-sink.ts';
import { benchLargeRun } from './large-run.ts';
import { benchPostgresSink } from './postgresql-sink.ts';
import { benchRpcClientLoss } from './rpc-client-loss.ts';
import { benchRuns } from './runs.ts';
import { benchScheduler } from './scheduler.ts';
import { benchSlowSource } from './slow-source.ts';
import { benchSqlSource } from './sql-source.ts';

export const benches: Readonly<Record<string, (options: BenchOptions) => Promise<readonly BenchCase[]>>> = {
  cron: benchCron,
  'e2e-full': benchEndToEndFull,
  'hbase-faults': benchHbaseFaults,
  'hbase-scan': benchHbaseScan,
  'hbase-sink': benchHbaseSink,
  'large-run': benchLargeRun,
  'postgresql-sink': benchPostgresSink,
  'rpc-client-loss': benchRpcClientLoss,
  runs: benchRuns,
  scheduler: benchScheduler,
  'slow-source': benchSlowSource,
  'sql-source': benchSqlSource,
};
