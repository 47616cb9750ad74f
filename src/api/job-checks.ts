// What must hold before a job is saved: everything that can be known without running it. Nothing is stored on a problem.
import { normalize } from 'node:path';
import type { ConnectorConfig } from '../core/connector/config-def.ts';
import { findOversize } from '../core/connector/config-limits.ts';
import { executorKeys, KEY } from '../core/connector/keys.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import { SyncError, toSyncError } from '../core/errors.ts';
import type { JobSpec } from '../core/job.ts';
import { clusterOf } from '../core/job.ts';
import type { CheckedKey } from '../core/ports/connect-cluster.ts';
import { distinctTexts } from '../core/text.ts';
import type { Text } from '../core/text.ts';
import { hostGuard, type ApiParts } from './api-parts.ts';
import { findRefusedHosts, refusalOf } from '../core/network/check-hosts.ts';
import { checkJitter } from './checks/check-jitter.ts';
import { requireCalendars } from './checks/check-calendars.ts';
import { checkPolicies } from './checks/check-policies.ts';
import { checkStepShapes } from './checks/step-shapes.ts';
import { checkSteps } from './checks/check-job-steps.ts';
import { checkRetries } from './checks/check-retries.ts';
import { resolveSides } from './job-sides.ts';
import { isSameTable } from './same-table.ts';
import type { SpecProblem } from './spec-problem.ts';
import { fillSample } from '../core/template/fill-spec.ts';
import { lookAtTemplates } from './templates.ts';
import { checkTopics } from './job-topics.ts';
import type { JobSides, SideName } from './job-sides.ts';
import { problemOfName, problemOfText } from './plain-text.ts';
import { findPlugin } from '../core/connector/plugin-registry.ts';
import { createScrub } from '../core/secrets/scrub.ts';
import { secretsOfSteps } from '../core/steps/step-secrets.ts';
import { scrubOf } from './secret-values.ts';

export interface Findings {
  /** [] when the job can be saved. */
  readonly problems: readonly SpecProblem[];
  /** What could not be looked at now, and keys that nobody reads. */
  readonly notes: readonly Text[];
}

/** All problems at once. `id`: of the job that the spec is to replace. */
export async function findProblems(
  given: JobSpec,
  parts: ApiParts,
  id: string | null = null,
): Promise<Findings> {
  const shapes = checkStepShapes(given.steps);
  if (shapes.length > 0) return { problems: shapes, notes: [] };
  const ofSchedule = await checkSchedule(given, parts);
  // What templates come to hangs on the schedule.
  const { spec, problems: ofTemplates } =
    ofSchedule.length > 0 ? fillSample(given, parts.plugins) : await lookAtTemplates(given, parts);
  // A text whose template is wrong still holds it, which its reader would not understand.
  const unfilled = new Set(ofTemplates.map(({ field }) => field));
  const readable = ({ field }: SpecProblem): boolean => !unfilled.has(field);
  const sides = await resolveSides(spec, parts);
  const local = [
    ...checkTexts(spec),
    ...ofSchedule,
    ...ofTemplates,
    ...checkRetries(spec.policy),
    ...checkSide('source', spec, { parts, sides }).filter(readable),
    ...checkSide('sink', spec, { parts, sides }).filter(readable),
    ...(await checkBothSides(spec, sides)),
    ...checkDeletes(spec, { parts, sides }),
    ...checkIncrements(spec, { parts, sides }),
    ...checkStock(spec, { parts, sides }),
    ...checkClusters(spec, parts),
    ...(await checkWebhook(spec, parts)),
    ...(await checkSteps(spec, parts)),
    ...(await checkHosts(spec, parts)),
    ...(await checkTopics(spec, id, parts)),
  ];
  const { problems, notes } =
    local.length > 0 ? { problems: local, notes: [] } : await checkOnClusters(spec, { parts, sides });
  // A complaint may quote any value of its side.
  const [source, sink] = [scrubOf(spec.source, parts.plugins), scrubOf(spec.sink, parts.plugins)];
  const steps = createScrub(secretsOfSteps(spec.steps, parts.sqlConnections.def));
  const ignored = problems.length > 0 || spec.schedule === null ? [] : parts.schedules.notesOn(spec.schedule);
  return {
    problems: problems.map(({ field, message }) => ({ field, message: steps(sink(source(message))) })),
    notes: [
      ...ignored,
      ...(problems.length > 0 ? [] : noteReplaced(given, spec, { parts, sides })),
      ...notes,
    ],
  };
}

/** A target that each run replaces, and rows that its templates choose: right for a table of the newest day, a surprise elsewhere. */
function noteReplaced(given: JobSpec, filled: JobSpec, { parts, sides }: Checking): readonly Text[] {
  const to = sides.sink.plugin;
  if (to?.type !== 'sink' || (to.fullOnly?.(withTopic('sink', filled, parts)) ?? null) === null) return [];
  const chosen = Object.entries(given.source.config).some(
    ([key, value]) => filled.source.config[key] !== value,
  );
  return chosen ? [replacedByChosen] : [];
}

const replacedByChosen: Text = {
  en: 'Each run replaces the whole target with the rows that it reads, and reads those that its templates choose: rows of earlier runs are gone then.',
  zh: '每次运行都用所读取的行替换整个目标，而读取的只是其模板所选的行：此前各次运行的行届时不再存在。',
};

/** Gives the notes. Throws BAD_INPUT naming the first field, listing all. */
export async function requireSound(
  spec: JobSpec,
  parts: ApiParts,
  id: string | null = null,
): Promise<readonly Text[]> {
  const { problems, notes } = await findProblems(spec, parts, id);
  const [first] = problems;
  if (first === undefined) return notes;
  const lines = problems.map((problem) => `${problem.field}: ${problem.message}`);
  throw new SyncError('BAD_INPUT', { message: `checking the job: ${lines.join(' · ')}`, field: first.field });
}

function checkTexts({ name, description }: JobSpec): SpecProblem[] {
  const [ofName, ofDescription] = [problemOfName(name), problemOfText(description)];
  return [
    ...(ofName === null ? [] : [{ field: 'name', message: ofName }]),
    ...(ofDescription === null ? [] : [{ field: 'description', message: ofDescription }]),
  ];
}

function checkClusters({ cluster, sink }: JobSpec, { clusters }: ApiParts): SpecProblem[] {
  const known = [...clusters.keys()].join(', ');
  return [
    { field: 'cluster', name: cluster },
    ...(sink.cluster === undefined ? [] : [{ field: 'sink.cluster', name: sink.cluster }]),
  ].flatMap(({ field, name }) =>
    clusters.has(name) ? [] : [{ field, message: `there is no Connect cluster '${name}'; known: ${known}` }],
  );
}

async function checkSchedule({ schedule }: JobSpec, parts: ApiParts): Promise<readonly SpecProblem[]> {
  if (schedule === null) return [];
  try {
    const now = await parts.jobs.databaseNow();
    const calendars = await requireCalendars(parts, schedule.calendars ?? []);
    parts.schedules.requireFires({ ...schedule, calendars }, now);
    return [...checkPolicies(schedule), ...checkJitter(schedule, parts, { now, calendars })];
  } catch (error) {
    const { field, message, code } = toSyncError(error);
    if (code !== 'BAD_INPUT') throw error;
    return [{ field: field ?? 'schedule.cron', message }];
  }
}

interface Checking {
  readonly parts: ApiParts;
  readonly sides: JobSides;
}

function checkSide(side: SideName, spec: JobSpec, { parts, sides }: Checking): SpecProblem[] {
  const { connector, config } = spec[side];
  const { plugin, whose } = sides[side];
  if (whose === 'ours' && plugin === null) return [unknownClass(side, connector, parts.plugins)];
  const oversize = findOversize(config);
  if (oversize !== null)
    return [
      { field: `${side}.config${oversize.key === '' ? '' : `.${oversize.key}`}`, message: oversize.message },
    ];
  const problems = Object.entries(config).flatMap(([key, value]) => {
    const message = notOfAJob(key, value, { side, spec, parts });
    return message === null ? [] : [{ field: `${side}.config.${key}`, message }];
  });
  // What only its cluster can know is asked there.
  if (whose !== 'ours' || plugin === null) return problems;
  const own = plugin.validate(withTopic(side, spec, parts)).map((problem) => ({
    field: `${side}.config.${problem.key}`,
    message: problem.message,
  }));
  return [...problems, ...own];
}

interface Placed {
  readonly side: SideName;
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

function unknownClass(side: SideName, name: string, plugins: readonly ConnectorPlugin[]): SpecProblem {
  const known = plugins.filter((plugin) => plugin.type === side).map((plugin) => plugin.className);
  return {
    field: `${side}.connector`,
    message: `there is no ${side} connector '${name}'; known: ${known.join(', ')}${side === 'sink' ? '; one of another Connect cluster is had with sink.cluster' : ''}`,
  };
}

/** What each side allows alone and the two together do not. */
async function checkBothSides({ source, sink }: JobSpec, sides: JobSides): Promise<readonly SpecProblem[]> {
  const [from, to] = [sides.source.plugin, sides.sink.plugin];
  if (from?.type !== 'source') return [];
  const problems: SpecProblem[] = [];
  const [file, own] = [source.config['file'], sink.config['file']];
  const sameFile =
    to !== null && file !== undefined && own !== undefined && normalize(file) === normalize(own);
  if (sameFile) problems.push({ field: 'sink.config.file', message: 'is the file that the source reads' });
  if (to !== null && (await isSameTable(source.config, sink.config)))
    problems.push({ field: 'sink.config.table.name.format', message: 'is the table that the source reads' });
  return problems;
}

/** Does the target remove rows in the way that the source tells of them? */
function checkDeletes(spec: JobSpec, { parts, sides }: Checking): readonly SpecProblem[] {
  const [from, to] = [sides.source.plugin, sides.sink.plugin];
  if (from?.type !== 'source' || to?.type !== 'sink') return [];
  const way = from.deletes?.(spec.source.config) ?? null;
  const refusal = way === null ? null : (to.refuseDeletes?.(withTopic('sink', spec, parts), way) ?? null);
  if (way === null || refusal === null) return [];
  const field = refusal.key === null ? `source.config.${way.setting}` : `sink.config.${refusal.key}`;
  return [{ field, message: refusal.message }];
}

function checkIncrements(spec: JobSpec, { parts, sides }: Checking): SpecProblem[] {
  if (spec.mode !== 'incremental') return [];
  const [from, to] = [sides.source.plugin, sides.sink.plugin];
  const reasons = [
    from?.type === 'source' ? from.fullOnly : null,
    to?.type === 'sink' ? to.fullOnly?.(withTopic('sink', spec, parts)) : null,
  ];
  return reasons.flatMap((why) =>
    why == null ? [] : [{ field: 'mode', message: `${why}: write "mode": "full"` }],
  );
}

/** What a sink that isn't ours makes impossible, and a source that isn't. */
function checkStock(spec: JobSpec, { parts, sides }: Checking): SpecProblem[] {
  const problems: SpecProblem[] = [];
  for (const side of ['source', 'sink'] as const)
    if (sides[side].whose === 'stock' && (side === 'source' || spec.sink.cluster === undefined))
      problems.push({
        field: `${side}.connector`,
        message: `${spec[side].connector} on the Connect cluster '${spec.cluster}' is not Syncline's: choose a cluster of Syncline's own workers; a sink that is not Syncline's has its cluster in sink.cluster`,
      });
  if (sides.sink.whose !== 'stock' || problems.length > 0) return problems;
  const where = `the sink on the Connect cluster '${clusterOf(spec, 'sink')}' is not Syncline's`;
  if (spec.mode === 'incremental')
    problems.push({
      field: 'mode',
      message: `${where} and keeps no watermark to go on from: write "mode": "full"`,
    });
  if (parts.logKind === 'memory')
    problems.push({
      field: 'sink.connector',
      message: `${where} and reads from Kafka, but this installation keeps its records in memory: set SYNCLINE_KAFKA`,
    });
  return problems;
}

async function checkWebhook({ webhook }: JobSpec, { refuseAddress }: ApiParts): Promise<SpecProblem[]> {
  if (webhook === null) return [];
  const url = URL.canParse(webhook) ? new URL(webhook) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return [{ field: 'webhook', message: 'is not an http or https URL' }];
  const refusal = await refusalOf(url.hostname, refuseAddress.webhook);
  return refusal === null ? [] : [{ field: 'webhook', message: `its ${refusal}` }];
}

async function checkHosts(spec: JobSpec, parts: ApiParts): Promise<SpecProblem[]> {
  const problems: SpecProblem[] = [];
  for (const side of ['source', 'sink'] as const)
    for (const message of await findRefusedHosts(hostGuard(parts), spec[side]))
      problems.push({ field: `${side}.config`, message });
  return problems;
}

/** The workers' own validation. A cluster that is away keeps no job from being saved: its runs will say what it says. */
async function checkOnClusters(spec: JobSpec, checking: Checking): Promise<Findings> {
  const [problems, notes]: [SpecProblem[], Text[]] = [[], []];
  for (const side of ['source', 'sink'] as const)
    try {
      const found = await validateSide(side, spec, checking);
      problems.push(...found.problems);
      notes.push(...found.notes);
    } catch (error) {
      if (toSyncError(error).code !== 'CONNECT_UNREACHABLE') throw error;
      notes.push(unchecked(clusterOf(spec, side)));
    }
  return { problems, notes: distinctTexts(notes) };
}

function unchecked(cluster: string): Text {
  return {
    en: `The Connect cluster '${cluster}' can't be reached now: what it says about the connectors is known at the first run.`,
    zh: `Connect 集群“${cluster}”当前无法访问：它对连接器配置的校验要到首次运行时才能得知。`,
  };
}

async function validateSide(side: SideName, spec: JobSpec, { parts, sides }: Checking): Promise<Findings> {
  const { connector } = spec[side];
  const { cluster, plugin, whose } = sides[side];
  if (cluster === null) return { problems: [], notes: [] };
  const full: ConnectorConfig = {
    name: 'syncline-check',
    'connector.class': plugin?.className ?? connector,
    ...withTopic(side, spec, parts),
    // So the executor will tell it.
    ...(side === 'source' && sides.sink.whose === 'stock' ? { [KEY.endMarker]: 'record' } : {}),
  };
  let checked: readonly CheckedKey[];
  try {
    checked = await cluster.validate(full['connector.class'] ?? connector, full);
  } catch (error) {
    const { code, message } = toSyncError(error);
    if (whose !== 'stock' || code !== 'CONNECT_REJECTED') throw error;
    return { problems: [{ field: `${side}.connector`, message }], notes: [] };
  }
  const problems: SpecProblem[] = [];
  const notes: Text[] = [];
  for (const { key, errors, nearest } of checked) {
    const field = `${side}.config.${key}`;
    problems.push(...errors.map((message) => ({ field, message })));
    if (errors.length === 0 && nearest !== null) notes.push(unread(field, nearest));
  }
  return { problems, notes };
}

function unread(field: string, nearest: string): Text {
  return {
    en: `Nobody reads ${field}; the known key most like it is ${nearest}.`,
    zh: `没有任何组件读取 ${field}；最相近的已知键为 ${nearest}。`,
  };
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
