// A full run of a job, MariaDB → Kafka → PostgreSQL, from claim to end, against `psql \\copy` of the same rows into a table of the same
// kind; empty tables, in turn. At the end the rows of both are counted and summed.
import { join } from 'node:path';
import type { StackEndpoints } from '../../src/stack/stack-endpoints.ts';
import type { PostgresBed } from '../support/postgresql-bed.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { BenchCase } from './bench.ts';
import { cpuMsOf } from './process-usage.ts';
import { copyByPsql, median, sumOf } from './psql-copy.ts';
import { loadOrders } from './sql-source.ts';

const measuredRounds = 3;
/** What the issue asks. */
const leastRatio = 0.6;
const runLimitMs = 900_000;

export interface KafkaBench {
  readonly endpoints: StackEndpoints<'kafka' | 'mariadb' | 'postgresql'>;
  readonly bed: PostgresBed;
  readonly rows: number;
  readonly folder: string;
  readonly say: (line: string) => void;
}

interface Measured {
  readonly rowsPerSecond: number;
  readonly cpuUsPerRow: number;
}

export async function benchThroughKafka(bench: KafkaBench): Promise<BenchCase> {
  const { endpoints, bed, rows, folder, say } = bench;
  await loadOrders({ mariadb: endpoints.mariadb, rows, say });
  const syncline = await startSyncline({ settings: { SYNCLINE_KAFKA: endpoints.kafka.brokers } });
  try {
    const job = await makeJob(syncline, bench);
    const file = join(folder, 'through-kafka.tsv');
    const [ours, theirs]: [Measured[], number[]] = [[], []];
    for (let round = 0; round <= measuredRounds; round += 1) {
      // The first run makes the table, warms everything up, and gives the reference its file.
      if (round > 0) await bed.execute('TRUNCATE TABLE through_kafka');
      const measured = await measureRun(syncline, job, rows);
      if (round === 0) {
        await copyByPsql(bed, `through_kafka to '${file}'`);
        await bed.execute('CREATE TABLE by_psql (LIKE through_kafka INCLUDING ALL)');
      }
      await bed.execute('TRUNCATE TABLE by_psql');
      const reference = (rows / (await copyByPsql(bed, `by_psql from '${file}'`))) * 1_000;
      say(
        `through Kafka, ${round === 0 ? 'warm-up' : `round ${round}`}: ours ${Math.round(measured.rowsPerSecond)} rows/s with ${measured.cpuUsPerRow.toFixed(2)} µs CPU per row, psql ${Math.round(reference)} rows/s`,
      );
      if (round === 0) continue;
      ours.push(measured);
      theirs.push(reference);
    }
    const isEqual = (await sumOf(bed, 'through_kafka', rows)) === (await sumOf(bed, 'by_psql', rows));
    const value = median(ours.map(({ rowsPerSecond }) => rowsPerSecond));
    const reference = median(theirs);
    const ratio = value / reference;
    return {
      case: `${rows.toLocaleString('en')} rows of 10 columns through Kafka`,
      ...{ value, unit: 'rows/s', reference, ratio },
      cpuUsPerRow: median(ours.map(({ cpuUsPerRow }) => cpuUsPerRow)),
      ok: isEqual && ratio >= leastRatio,
    };
  } finally {
    await syncline.stop();
  }
}

async function makeJob(syncline: SynclineProcess, { endpoints, bed }: KafkaBench): Promise<string> {
  const { host, port, rootUser, rootPassword } = endpoints.mariadb;
  const { status, body } = await syncline.api('POST', '/api/v1/jobs', {
    name: 'bench',
    mode: 'full',
    source: {
      connector: 'io.syncline.sql.SqlSourceConnector',
      config: {
        'connection.url': `jdbc:mysql://${host}:${port}/bench_source`,
        'connection.user': rootUser,
        'connection.password': rootPassword,
        'table.whitelist': 'orders',
      },
    },
    sink: {
      connector: 'io.syncline.postgresql.PostgresSinkConnector',
      config: bed.configOf('through_kafka', { 'pk.fields': 'id', 'insert.mode': 'upsert' }),
    },
  });
  if (status !== 201) throw new Error(`creating the job: ${JSON.stringify(body)}`);
  return String(body['id']);
}

/** As the run's row has it, from its claim to its end. */
async function measureRun(syncline: SynclineProcess, job: string, rows: number): Promise<Measured> {
  const pid = syncline.process.pid ?? 0;
  const cpuBefore = cpuMsOf(pid);
  const { body } = await syncline.api('POST', `/api/v1/jobs/${job}/runs`);
  let ended: Record<string, unknown> = {};
  const hasEnded = async (): Promise<boolean> => {
    ended = (await syncline.api('GET', `/api/v1/runs/${String(body['id'])}`)).body;
    return ended['endedAt'] !== null;
  };
  await waitUntil('the run ends', hasEnded, runLimitMs);
  if (ended['state'] !== 'succeeded') throw new Error(`the run: ${JSON.stringify(ended)}`);
  const tookMs = Number(ended['endedAt']) - Number(ended['startedAt']);
  return { rowsPerSecond: (rows / tookMs) * 1_000, cpuUsPerRow: ((cpuMsOf(pid) - cpuBefore) * 1_000) / rows };
}
