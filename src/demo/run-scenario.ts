// What the demo shows, on whatever place: a table is loaded, a job is created, runs go on while orders change, writing stops,
// one more run passes, and both sides are compared.
import { setTimeout as sleep } from 'node:timers/promises';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import type { Job } from '../core/job.ts';
import type { Run } from '../core/run.ts';
import type { AdminClient, JobDraft } from './admin-client.ts';
import type { DemoPlace } from './demo-place.ts';
import type { Comparison } from './orders/compare-orders.ts';
import { compareOrders } from './orders/compare-orders.ts';
import { keyName, orderColumns, orderMapping } from './orders/order-columns.ts';
import { readSourceRows } from './orders/source-rows.ts';
import { createOrderTable, loadOrders, OrderChanger } from './orders/write-orders.ts';
import type { OrderTable } from './orders/write-orders.ts';
import { isProved } from './show/run-line.ts';
import { runTable } from './show/run-table.ts';
import type { Terminal } from './show/terminal.ts';
import { formatCount, formatSeconds } from './show/texts.ts';
import type { DemoTexts } from './show/texts.ts';
import type { RunWatch } from './watch-runs.ts';
import { isUnproved, watchRuns } from './watch-runs.ts';

export const cron = '0/10 * * * * ?';
const lagMs = 2_000;
/** The first reads all, the second has changes to bring; then writing stops, and one more closes the gap. */
const provedWhileChanging = 2;
const runsLimitMs = 240_000;
const changeEveryMs = 250;

export interface Scenario {
  readonly place: DemoPlace;
  readonly admin: AdminClient;
  readonly table: string;
  readonly orders: number;
  readonly terminal: Terminal;
  readonly texts: DemoTexts;
  /** A run that is not proved ends the scenario. */
  readonly strict: boolean;
  readonly signal: AbortSignal;
  /** Called when the job is there and runs are to come. */
  readonly onReady: () => void;
}

export interface ScenarioOutcome {
  readonly isEqual: boolean;
  readonly allProved: boolean;
  readonly watch: RunWatch;
}

/** Throws the abort's reason, and what went wrong. */
export async function runScenario(scenario: Scenario): Promise<ScenarioOutcome> {
  const { place, admin, table, terminal, texts, signal, strict } = scenario;
  const client = new HBaseClient({ cluster: place.hbase, effectiveUser: 'syncline-demo' });
  try {
    const into: OrderTable = { client, table, signal };
    await fillTable(scenario, into);
    const job = await admin.createJob(draftJob(place, table));
    terminal.say(texts.jobCreated(job.spec.name, cron));
    scenario.onReady();
    const watch = watchRuns({ admin, jobId: job.id, terminal, texts, signal });
    await changeDuringRuns(scenario, into, watch);
    terminal.say(texts.comparing);
    const comparison = await compareOrders(
      readSourceRows(into),
      place.readTarget(table, signal),
      orderColumns.map((column) => column.name),
    );
    showComparison(comparison, scenario);
    showReport(watch.runs, scenario);
    // With `strict` everything ends now: there is nothing left to be tried on.
    if (!strict) showCommands(watch.runs, scenario, job);
    const allProved = !strict || !watch.runs.some(isUnproved);
    return { isEqual: comparison.differences === 0, allProved, watch };
  } finally {
    client.close();
  }
}

async function fillTable({ orders, terminal, texts }: Scenario, into: OrderTable): Promise<void> {
  const startedAt = performance.now();
  await createOrderTable(into);
  await loadOrders(into, orders, (done) =>
    terminal.update('load', texts.loading(formatCount(done), formatCount(orders))),
  );
  const seconds = formatSeconds(performance.now() - startedAt);
  terminal.finish('load', texts.loaded(formatCount(orders), seconds));
}

function draftJob(place: DemoPlace, table: string): JobDraft {
  return {
    name: table,
    description: 'Orders from HBase, every ten seconds',
    source: {
      connector: 'HBaseSourceConnector',
      config: {
        ...place.source,
        'pkuse.hbase.table.name': table,
        'pkuse.hbase.filed.columnsKey': keyName,
        'pkuse.hbase.filed.mapping': orderMapping(),
      },
    },
    sink: place.sink(table),
    schedule: { cron, timeZone: 'UTC' },
    mode: 'incremental',
    policy: { lagMs, timeoutMs: 180_000, stallMs: 60_000 },
  };
}

async function changeDuringRuns(scenario: Scenario, into: OrderTable, watch: RunWatch): Promise<void> {
  const { terminal, texts, strict, signal } = scenario;
  const enough = new AbortController();
  const changing = changeOrders(scenario, { ...into, signal }, enough.signal);
  // Awaited below; a failure before that must not count as unhandled.
  changing.catch(() => undefined);
  terminal.say(texts.changing);
  const isChanged = (runs: readonly Run[]): boolean => runs.filter(isProved).length >= provedWhileChanging;
  try {
    await watch.until({ isEnough: isChanged, limitMs: runsLimitMs, strict });
  } finally {
    enough.abort();
  }
  const { changed, added } = await changing;
  const lastWriteAt = Date.now();
  terminal.say(texts.changed(formatCount(changed), formatCount(added)));
  const isBehind = (run: Run): boolean =>
    isProved(run) && Date.parse(run.report?.window?.to ?? '') > lastWriteAt;
  await watch.until({ isEnough: (runs) => runs.some(isBehind), limitMs: runsLimitMs, strict });
}

async function changeOrders(
  { orders }: Scenario,
  into: OrderTable,
  enough: AbortSignal,
): Promise<{ changed: number; added: number }> {
  const changer = new OrderChanger(into, orders);
  let [changed, added] = [0, 0];
  while (!enough.aborted) {
    const step = await changer.change();
    changed += step.changed;
    added += step.added;
    await sleep(changeEveryMs, undefined, { signal: enough }).catch(() => undefined);
  }
  return { changed, added };
}

function showComparison(comparison: Comparison, { terminal, texts }: Scenario): void {
  const { sourceRows, targetRows, differences, shown } = comparison;
  if (differences === 0) {
    terminal.say(texts.equal(formatCount(sourceRows)));
    return;
  }
  terminal.say(texts.different(formatCount(differences), formatCount(sourceRows), formatCount(targetRows)));
  for (const difference of shown) terminal.say(`  ${texts.difference(difference)}`);
}

function showReport(runs: readonly Run[], { terminal, texts }: Scenario): void {
  terminal.say('');
  terminal.say(texts.report);
  for (const line of runTable(runs, texts)) terminal.say(line);
  const unproved = runs.flatMap((run, index) => (isUnproved(run) ? [String(index + 1)] : []));
  if (unproved.length > 0) terminal.say(texts.unproved(unproved.join(', ')));
}

function showCommands(runs: readonly Run[], { terminal, texts, admin }: Scenario, job: Job): void {
  const last = runs.findLast(isProved);
  terminal.say('');
  terminal.say(texts.tryThese);
  terminal.say(`  TOKEN=${admin.token}`);
  const curl = `  curl -s -H "Authorization: Bearer $TOKEN"`;
  const base = `${admin.url}/api/v1`;
  terminal.say(`${curl} ${base}/jobs/${job.id}`);
  terminal.say(`${curl} '${base}/runs?jobId=${job.id}&limit=5'`);
  if (last !== undefined) terminal.say(`${curl} ${base}/runs/${last.id}/report`);
  terminal.say(`${curl} -X POST ${base}/jobs/${job.id}/runs`);
  terminal.say(`  curl -s ${admin.url}/openapi.json`);
}
