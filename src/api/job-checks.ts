// What must hold before a job is saved: everything that can be known without running it. Nothing is stored on a problem.
import type { ConnectorConfig } from '../core/connector/config-def.ts';
import { executorKeys, KEY } from '../core/connector/keys.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import { SyncError } from '../core/errors.ts';
import type { JobSpec } from '../core/job.ts';
import type { ApiParts } from './api-parts.ts';
import { findPlugin } from '../core/plugin-registry.ts';
import { scrubOf } from './secret-values.ts';

export interface SpecProblem {
  readonly field: string;
  readonly message: string;
}

/** All problems at once; [] when the job can be saved. */
export async function findProblems(spec: JobSpec, parts: ApiParts): Promise<readonly SpecProblem[]> {
  const problems = [
    ...checkSchedule(spec, parts),
    ...checkSide('source', spec, parts),
    ...checkSide('sink', spec, parts),
  ];
  const cluster = parts.clusters.get(spec.cluster);
  if (cluster === undefined) {
    const known = [...parts.clusters.keys()].join(', ');
    problems.push({
      field: 'cluster',
      message: `there is no Connect cluster '${spec.cluster}'; known: ${known}`,
    });
  }
  problems.push(...checkWebhook(spec));
  const all = problems.length > 0 || cluster === undefined ? problems : await checkOnCluster(spec, parts);
  // A complaint may quote any value of its side.
  const [source, sink] = [scrubOf(spec.source, parts.plugins), scrubOf(spec.sink, parts.plugins)];
  return all.map(({ field, message }) => ({ field, message: sink(source(message)) }));
}

/** Throws BAD_INPUT naming the first field, listing all. */
export async function requireSound(spec: JobSpec, parts: ApiParts): Promise<void> {
  const problems = await findProblems(spec, parts);
  const [first] = problems;
  if (first === undefined) return;
  const lines = problems.map((problem) => `${problem.field}: ${problem.message}`);
  throw new SyncError('BAD_INPUT', { message: `checking the job: ${lines.join(' · ')}`, field: first.field });
}

function checkSchedule(spec: JobSpec, parts: ApiParts): SpecProblem[] {
  if (spec.schedule === null) return [];
  try {
    parts.schedules.nextFire(spec.schedule, parts.clock.now());
    return [];
  } catch (error) {
    const field = error instanceof SyncError ? (error.field ?? 'cron') : 'cron';
    return [
      {
        field: field.startsWith('schedule.')
          ? field
          : `schedule.${field === 'timeZone' ? 'timeZone' : 'cron'}`,
        message: error instanceof Error ? error.message : String(error),
      },
    ];
  }
}

function checkSide(side: 'source' | 'sink', spec: JobSpec, parts: ApiParts): SpecProblem[] {
  const { connector, config } = spec[side];
  const plugin = findPlugin(parts.plugins, connector);
  if (plugin === null || plugin.type !== side) return [unknownClass(side, connector, parts.plugins)];
  const problems = Object.entries(config).flatMap(([key, value]) => {
    const message = notOfAJob(key, value, { side, spec, parts });
    return message === null ? [] : [{ field: `${side}.config.${key}`, message }];
  });
  const own = plugin.validate(withTopic(side, spec, parts)).map((problem) => ({
    field: `${side}.config.${problem.key}`,
    message: problem.message,
  }));
  return [...problems, ...own];
}

interface Placed {
  readonly side: 'source' | 'sink';
  readonly spec: JobSpec;
  readonly parts: ApiParts;
}

/** What the executor would write over, or what a run of a job does not look at, is refused; null: the key may stand there. */
function notOfAJob(key: string, value: string, placed: Placed): string | null {
  const { mode } = placed.spec;
  if (executorKeys.includes(key) || key === 'name') return 'is set by the executor for each run; remove it';
  switch (key) {
    case KEY.dirtyLimit:
      return 'a job says it as policy.dirtyLimit; write it there and remove it here';
    case KEY.topics: {
      const { topics } = withTopic('sink', placed.spec, placed.parts);
      return value.trim() === topics ? null : `the source writes to ${topics ?? ''}; remove it`;
    }
    case 'pkuse.datasyntype':
      return value.trim() === '' || (value.trim() === '2') === (mode === 'incremental')
        ? null
        : `the job's mode is ${mode}; remove it`;
    case 'pkuse.lastincrementvalue':
      return value.trim() === '' ? null : 'a job goes on at its watermark, which can be set; remove it';
    default:
      return null;
  }
}

function unknownClass(
  side: 'source' | 'sink',
  name: string,
  plugins: readonly ConnectorPlugin[],
): SpecProblem {
  const known = plugins.filter((plugin) => plugin.type === side).map((plugin) => plugin.className);
  return {
    field: `${side}.connector`,
    message: `there is no ${side} connector '${name}'; known: ${known.join(', ')}`,
  };
}

function checkWebhook(spec: JobSpec): SpecProblem[] {
  if (spec.webhook === null) return [];
  const url = URL.canParse(spec.webhook) ? new URL(spec.webhook) : null;
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:')) return [];
  return [{ field: 'webhook', message: 'is not an http or https URL' }];
}

/** The worker's own validation: what `PUT /connector-plugins/…/config/validate` says. */
async function checkOnCluster(spec: JobSpec, parts: ApiParts): Promise<SpecProblem[]> {
  const cluster = parts.clusters.get(spec.cluster);
  if (cluster === undefined) return [];
  const problems: SpecProblem[] = [];
  for (const side of ['source', 'sink'] as const) {
    const { connector } = spec[side];
    const plugin = findPlugin(parts.plugins, connector);
    const full = {
      name: 'syncline-check',
      'connector.class': plugin?.className ?? connector,
      ...withTopic(side, spec, parts),
    };
    for (const { key, errors } of await cluster.validate(full['connector.class'], full)) {
      for (const message of errors) problems.push({ field: `${side}.config.${key}`, message });
    }
  }
  return problems;
}

/** The side's configuration with what the executor adds to it: the sink reads what the source writes. */
export function withTopic(
  side: 'source' | 'sink',
  { source, sink }: JobSpec,
  parts: ApiParts,
): ConnectorConfig {
  if (side === 'source') return source.config;
  const plugin = findPlugin(parts.plugins, source.connector);
  const known = plugin?.type === 'source' && plugin.validate(source.config).length === 0;
  // What is wrong with the source is said of the source.
  return { ...sink.config, topics: known ? plugin.topicOf(source.config) : 'topic' };
}
