// Lists of many runs: whatever they are filtered by, an index gives the page, and nothing is sorted or walked through.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type Database } from '../../src/store/database.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { RunState } from '../../src/core/run.ts';
import type { Dialect } from '../../src/store/dialects/dialect.ts';
import type { Store } from '../../src/store/open-store.ts';
import { pageOfRuns, type RunFilter } from '../../src/store/runs/list-runs.ts';
import { newRunRow, runTable } from '../../src/store/runs/run-row.ts';
import { firesAt, sampleJob, sampleRun } from '../support/sample-job.ts';

const RUNS = 100_000;
const JOBS = 4;
const CHUNK = 500;
const rare: readonly RunState[] = ['failed', 'cancelled', 'lost'];

export interface RunListsBed {
  readonly store: Store;
  /** Of the same database. */
  readonly dialect: Dialect;
}

/** A query that walks rows it does not give, or sorts them. MariaDB may sort the few of a rare state. */
const wrong = {
  sqlite: /SCAN control_run$|TEMP B-TREE/m,
  mysql: /"key":null|"type":"ALL"|"rows":"?\d{4,}[^}]*filesort/,
  postgresql: /Seq Scan|Sort|Filter/,
};

export function testRunLists(name: string, open: () => Promise<RunListsBed>): void {
  describe(`lists of ${RUNS} runs on ${name}`, () => {
    let store: Store;
    let database: Database;
    let kind: Dialect['kind'];
    const jobs: string[] = [];
    const idOf = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`;

    beforeAll(async () => {
      const bed = await open();
      store = bed.store;
      kind = bed.dialect.kind;
      database = connectDatabase(bed.dialect, systemClock);
      for (let job = 0; job < JOBS; job += 1)
        jobs.push((await store.jobs.create(sampleJob(`listed ${job}`), firesAt(null))).id);
      for (let from = 0; from < RUNS; from += CHUNK) {
        const rows = Array.from({ length: CHUNK }, (_, index) => {
          const n = from + index;
          const row = newRunRow(sampleRun(n), {
            id: idOf(n),
            jobId: jobs[n % JOBS] ?? '',
            jobVersion: 1,
            now: n,
          });
          return { ...row, state: n % 1_000 === 0 ? (rare[(n / 1_000) % 3] ?? 'lost') : 'succeeded' };
        });
        await database.run('filling', (db) => db(runTable).insert(rows));
      }
      const analyze = {
        sqlite: 'ANALYZE',
        mysql: `ANALYZE TABLE ${runTable}`,
        postgresql: `VACUUM ANALYZE ${runTable}`,
      };
      await database.run('analyzing', (db) => db.raw(analyze[kind]));
    }, 300_000);
    afterAll(async () => {
      await database.close();
      await store.close();
    });

    const plan = (filter: RunFilter): Promise<string> =>
      database.run('explaining', async (db) => {
        const { sql, bindings } = pageOfRuns(db, filter).toSQL();
        const word = kind === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
        const answer: unknown = await db.raw(`${word} ${sql}`, bindings as string[]);
        return textOf(kind, answer);
      });

    const filters = [null, 0].flatMap((job) =>
      ([null, 'succeeded', 'failed', 'queued'] as const).flatMap((state) =>
        [null, RUNS / 2].map((before) => ({ job, state, before })),
      ),
    );

    it.each(filters)('job $job, state $state, before $before', async ({ job, state, before }) => {
      const filter = {
        jobId: job === null ? null : (jobs[job] ?? ''),
        state,
        limit: 50,
        before: before === null ? null : idOf(before),
      };
      expect(await plan(filter)).not.toMatch(wrong[kind]);
      const began = performance.now();
      await store.runs.list(filter);
      expect(performance.now() - began).toBeLessThan(1_000);
    });
  });
}

function textOf(kind: Dialect['kind'], answer: unknown): string {
  if (kind === 'sqlite') return (answer as { detail: string }[]).map(({ detail }) => detail).join('\n');
  if (kind === 'mysql') return JSON.stringify((answer as [unknown])[0]);
  return (answer as { rows: { 'QUERY PLAN': string }[] }).rows.map((row) => row['QUERY PLAN']).join('\n');
}
