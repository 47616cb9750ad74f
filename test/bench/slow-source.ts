// slow-source: a source that gives one row a second for 30 minutes, through the product's task loops, a real Kafka and a real
// MariaDB, with the memory and CPU of this process over time: a task that waits has to cost nothing, however long it waits.
import { runSinkTask } from '../../src/worker/sink/sink-task.ts';
import { runSourceTask } from '../../src/worker/source/source-task.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { SourcePlugin } from '../../src/core/connector/contract.ts';
import { ByteWriter } from '../../src/core/record/row-format.ts';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack } from '../../src/stack/stack.ts';
import { openKafkaLog } from '../../src/log/kafka/kafka-log.ts';
import { createFakeSource } from '../fakes/fake-plugins.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import { createTaskBed } from '../support/task-bed.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { BenchCase, BenchOptions } from './bench.ts';
import { describeUsage, growth, sampleUsage } from './usage-samples.ts';

const TOPIC = 'slow_source';
const EVERY_MS = 1_000;

export async function benchSlowSource({ rows: asked, say }: BenchOptions): Promise<readonly BenchCase[]> {
  const rows = asked ?? 1_800;
  const place = findStackPlace(process.env);
  const stack = await startStack({
    services: ['kafka', 'mariadb'],
    dir: `${place.stacksDir}/slow`,
    cacheDir: place.cacheDir,
    onProgress: say,
  });
  const mysql = await openMysqlBed(stack.endpoints.mariadb);
  const log = openKafkaLog({ brokers: stack.endpoints.kafka.brokers, clientId: 'bench' });
  const stop = new AbortController();
  try {
    const run = { 'pkuse.task.id': 'slow-1' };
    const sinkConfig = mysql.configOf('copy', {
      'pk.mode': 'record_value',
      'pk.fields': 'id',
      topics: TOPIC,
    });
    const source = createTaskBed({ log, stop, config: { ...run, 'syncline.topic': TOPIC } });
    const sink = createTaskBed({ log, stop, config: { ...run, ...sinkConfig } });
    const usage = sampleUsage(process.pid, 5_000);
    const reading = runSourceTask(slowSource(rows), source.context);
    const writing = runSinkTask(mysql.plugin, sink.context);
    await Promise.race([
      waitUntil(
        'the sink ends',
        () => Promise.resolve(sink.statuses.at(-1)?.stage === 'end'),
        (rows + 120) * EVERY_MS,
      ),
      // A task that fails ends the wait; one that resolves has said its end.
      Promise.all([reading, writing]),
    ]);
    const samples = usage.stop();
    const [counted] = await mysql.root.query('SELECT COUNT(*) AS n FROM copy');
    const equal = JSON.stringify(counted) === JSON.stringify([{ n: rows }]);
    say(`${JSON.stringify(counted)} in the target; ${describeUsage(samples)}`);
    const alone = { reference: null, ratio: null, cpuUsPerRow: null } as const;
    const memory = growth(samples, 'memoryMb');
    const cpu = samples.slice(Math.floor((2 * samples.length) / 3)).map((each) => each.cpuPercent);
    const late = cpu.reduce((sum, each) => sum + each, 0) / Math.max(1, cpu.length);
    return [
      { case: 'rows that arrived', value: rows, unit: 'rows', ...alone, ok: equal },
      {
        case: 'memory, last third to middle third',
        value: memory,
        unit: 'times',
        ...alone,
        ok: memory < 1.1,
      },
      { case: 'CPU of the last third', value: late, unit: '% of a core', ...alone, ok: late < 10 },
    ];
  } finally {
    stop.abort();
    await log.close();
    await mysql.close();
    await stack.stop();
  }
}

function slowSource(rows: number): SourcePlugin {
  return {
    ...createFakeSource(),
    topicOf: () => TOPIC,
    openTask: () =>
      Promise.resolve({
        concurrency: 1,
        plan: () =>
          Promise.resolve({
            window: { from: null, to: null },
            schema: {
              fields: [{ name: 'id', type: { kind: 'string', length: 16 }, optional: false }],
              key: ['id'],
            },
            predicted: { rows, exact: true },
            shared: '',
            splits: ['all'],
            notes: [],
            doubts: [],
          }),
        readSplit: async ({ out, signal }) => {
          const row = new ByteWriter();
          for (let number = 1; number <= rows; number += 1) {
            row.length = 0;
            row.writeEscaped(Buffer.from(String(number)));
            out.row(row.bytes, 0, row.length);
            await out.drained();
            await systemClock.sleep(EVERY_MS, signal);
          }
        },
        close: () => Promise.resolve(),
      }),
  };
}
