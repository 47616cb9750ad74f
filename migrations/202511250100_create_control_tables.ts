// The control plane's tables. Times are BIGINT ms; JSON is text; a table that exists is left as it is (see store/migrate.ts).
import type { Knex } from 'knex';

type Columns = Knex.CreateTableBuilder;

export async function up(trx: Knex.Transaction): Promise<void> {
  await create(trx, 'control_job', jobColumns);
  await create(trx, 'control_job_version', jobVersionColumns);
  await create(trx, 'control_job_label', jobLabelColumns);
  await create(trx, 'control_job_place', jobPlaceColumns);
  await create(trx, 'control_calendar', calendarColumns);
  await create(trx, 'control_job_calendar', jobCalendarColumns);
  await create(trx, 'control_limit', limitColumns);
  await create(trx, 'control_executor', executorColumns);
  await create(trx, 'control_run', runColumns);
  await create(trx, 'control_run_log', runLogColumns);
  await create(trx, 'control_audit', auditColumns);
  await create(trx, 'control_setting', settingColumns);
}

async function create(trx: Knex.Transaction, name: string, columns: (table: Columns) => void): Promise<void> {
  if (await trx.schema.hasTable(name)) return;
  const { driverName } = trx.client as { readonly driverName: string };
  await trx.schema.createTable(name, (table) => {
    if (driverName === 'mysql2') compareBytes(table);
    columns(table);
  });
}

/** Ids and names are compared byte by byte, as the other databases do of themselves. */
function compareBytes(table: Columns): void {
  table.charset('utf8mb4');
  table.collate('utf8mb4_bin');
}

function jobColumns(table: Columns): void {
  table.string('id', 36).primary();
  table.string('name', 128).notNullable().unique({ indexName: 'control_job_name' });
  table.integer('version').notNullable();
  table.text('spec', 'mediumtext').notNullable();
  table.smallint('paused').notNullable();
  table.bigInteger('paused_until');
  table.text('pause_reason');
  table.bigInteger('next_fire_at');
  table.string('group_name', 64);
  // Attempts that followed by themselves on a day (days since 1970, UTC).
  table.integer('retry_day');
  table.integer('retry_count').notNullable().defaultTo(0);
  // Why the row can't be opened: it fires no more, and stops nobody else.
  table.text('unreadable');
  // 'asked': nothing of it is gone yet; 'decided': its rows are going.
  table.string('removing', 8);
  table.bigInteger('created_at').notNullable();
  table.bigInteger('updated_at').notNullable();
  table.index(['paused', 'next_fire_at'], 'control_job_due');
  table.index(['group_name', 'id'], 'control_job_group');
}

function jobLabelColumns(table: Columns): void {
  table.string('label', 64).notNullable();
  table.string('job_id', 36).notNullable().references('control_job.id');
  table.primary(['label', 'job_id']);
  table.index(['job_id'], 'control_job_label_job');
}

/** What the runs of a version take up: its hosts and labels. */
function jobPlaceColumns(table: Columns): void {
  table.string('job_id', 36).notNullable().references('control_job.id');
  table.integer('version').notNullable();
  placeColumns(table);
  table.primary(['job_id', 'version', 'kind', 'name']);
  table.index(['kind', 'name'], 'control_job_place_name');
}

function calendarColumns(table: Columns): void {
  table.string('name', 64).primary();
  table.integer('version').notNullable();
  table.text('spec', 'mediumtext').notNullable();
  table.bigInteger('created_at').notNullable();
  table.bigInteger('updated_at').notNullable();
}

/** A calendar that a job names can't be removed. */
function jobCalendarColumns(table: Columns): void {
  table.string('calendar', 64).notNullable().references('control_calendar.name');
  table.string('job_id', 36).notNullable().references('control_job.id');
  table.primary(['calendar', 'job_id']);
  table.index(['job_id'], 'control_job_calendar_job');
}

function executorColumns(table: Columns): void {
  table.string('name', 128).primary();
  table.bigInteger('seen_at').notNullable();
}

function limitColumns(table: Columns): void {
  placeColumns(table);
  table.integer('max').notNullable();
  table.primary(['kind', 'name']);
}

function placeColumns(table: Columns): void {
  table.string('kind', 8).notNullable();
  table.string('name', 255).notNullable();
}

function jobVersionColumns(table: Columns): void {
  table.string('job_id', 36).notNullable().references('control_job.id');
  table.integer('version').notNullable();
  table.text('spec', 'mediumtext').notNullable();
  table.bigInteger('created_at').notNullable();
  table.primary(['job_id', 'version']);
}

function runColumns(table: Columns): void {
  table.string('id', 36).primary();
  table.string('job_id', 36).notNullable().references('control_job.id');
  table.integer('job_version').notNullable();
  table.bigInteger('planned_at').notNullable();
  // Of a skipped row that stands for several instants: the last one, and how many.
  table.bigInteger('last_planned_at');
  table.bigInteger('planned_count');
  // What its fire owns; NULL: nothing.
  table.bigInteger('interval_from');
  table.bigInteger('interval_to');
  table.integer('attempt').notNullable();
  table.string('trigger_kind', 16).notNullable();
  table.string('idempotency_key', 200);
  table.string('retry_of', 36);
  table.string('mode', 16).notNullable();
  // JSON of what the trigger gave; NULL: nothing.
  table.text('parameters', 'mediumtext');
  // Chosen by who triggered it.
  table.string('cluster', 64);
  table.string('executor', 128);
  table.string('state', 16).notNullable();
  // Negated: what is first stands first in the index.
  table.smallint('queue_rank').notNullable();
  table.bigInteger('not_before').notNullable();
  table.bigInteger('created_at').notNullable();
  table.bigInteger('started_at');
  table.bigInteger('ended_at');
  table.string('owner', 200);
  table.bigInteger('lease_until');
  table.smallint('cancel_requested').notNullable();
  // Why a newer fire took the run's place, while it still goes.
  table.text('replaced_by');
  table.bigInteger('epoch');
  table.text('reason', 'mediumtext');
  table.text('report', 'mediumtext');
  // The job's id while the run is starting or running: unique, so a job has one such run at most.
  table.string('busy_job_id', 36);
  runIndices(table);
}

function runIndices(table: Columns): void {
  table.unique(['job_id', 'planned_at', 'attempt'], { indexName: 'control_run_planned' });
  table.unique(['job_id', 'idempotency_key'], { indexName: 'control_run_idempotency' });
  table.unique(['busy_job_id'], { indexName: 'control_run_busy' });
  table.index(['job_id', 'id'], 'control_run_job');
  table.index(['job_id', 'state', 'id'], 'control_run_job_state');
  table.index(['state', 'id'], 'control_run_state');
  table.index(['state', 'queue_rank', 'not_before'], 'control_run_queued');
  table.index(['lease_until'], 'control_run_lease');
  table.index(['ended_at'], 'control_run_ended');
}

function runLogColumns(table: Columns): void {
  table.bigIncrements('seq');
  table.string('run_id', 36).notNullable().references('control_run.id');
  table.bigInteger('at').notNullable();
  table.string('level', 8).notNullable();
  table.text('message', 'mediumtext').notNullable();
  table.index(['run_id', 'seq'], 'control_run_log_run');
}

function auditColumns(table: Columns): void {
  table.bigIncrements('id');
  table.bigInteger('at').notNullable();
  table.string('actor', 200).notNullable();
  table.string('action', 64).notNullable();
  table.string('object', 200).notNullable();
  table.text('detail', 'mediumtext').notNullable();
}

function settingColumns(table: Columns): void {
  table.string('name', 128).primary();
  table.text('value', 'mediumtext').notNullable();
}
