// The topics of jobs among themselves. Jobs of one table share its topic by contract, and a sink of ours takes the rows of its own run
// only. What can't be shared: a topic that a sink reads which is not ours, since it takes all that comes; and two names that Kafka does
// not keep side by side.
import type { Job, JobSpec } from '../core/job.ts';
import { findPlugin } from '../core/connector/plugin-registry.ts';
import { topicsCollide } from '../core/record/data-topic.ts';
import type { JobStore } from '../core/ports/jobs.ts';
import { sampleSpec } from '../core/template/fill-spec.ts';
import type { ApiParts } from './api-parts.ts';
import type { SpecProblem } from './spec-problem.ts';

/** Jobs looked at between which others get their turn. */
const PAGE = 50;

/** `id`: of the job that the spec is to replace; null: one of its name, if any. Jobs that can't be opened are passed over. */
export async function checkTopics(
  spec: JobSpec,
  id: string | null,
  parts: ApiParts,
): Promise<readonly SpecProblem[]> {
  const topic = topicOf(spec, parts);
  if (topic === null) return [];
  for await (const other of otherJobs(spec, id, parts)) {
    const theirs = topicOfSaved(other, parts);
    const message = theirs === null ? null : problemOf({ spec, topic }, { spec: other.spec, topic: theirs });
    if (message !== null) return [{ field: `source.config.${topicKey(spec, parts)}`, message }];
  }
  return [];
}

async function* otherJobs(spec: JobSpec, id: string | null, { jobs }: ApiParts): AsyncGenerator<Job> {
  let before: string | null = null;
  for (;;) {
    const page = await jobs.list({ limit: PAGE, before });
    for (const job of page.jobs) if (job.id !== id && job.spec.name !== spec.name) yield job;
    const ids = [...page.jobs, ...page.unreadable].map((job) => job.id).sort();
    if (ids.length < PAGE) return;
    before = ids[0] ?? null;
  }
}

interface TopicUse {
  readonly spec: JobSpec;
  readonly topic: string;
}

function problemOf(mine: TopicUse, theirs: TopicUse): string | null {
  const name = `'${theirs.spec.name}'`;
  if (topicsCollide(mine.topic, theirs.topic))
    return `gives the topic ${mine.topic}, which Kafka does not keep beside ${theirs.topic} of job ${name}, as both have one name in its metrics ('.' is '_' there): write another`;
  if (mine.topic !== theirs.topic) return null;
  const reader = [mine, theirs].find(({ spec }) => spec.sink.cluster !== undefined);
  if (reader === undefined) return null;
  const whose = reader === mine ? 'this job’s sink' : `the sink of job ${name}`;
  return `gives the topic ${mine.topic} of job ${name}, and ${whose} may not be Syncline's: it would take the rows of both; write another`;
}

/** Reading a mapping takes as long as reading ten jobs: what a version's topic is, is asked once. */
const known = new WeakMap<JobStore, Map<string, { version: number; topic: string | null }>>();

function topicOfSaved({ id, version, spec }: Job, parts: ApiParts): string | null {
  const topics = known.get(parts.jobs) ?? new Map<string, { version: number; topic: string | null }>();
  known.set(parts.jobs, topics);
  const before = topics.get(id);
  if (before?.version === version) return before.topic;
  const topic = topicOf(spec, parts);
  topics.set(id, { version, topic });
  return topic;
}

/** null: not known, as something is wrong with the source, which is said elsewhere. */
function topicOf(spec: JobSpec, { plugins }: ApiParts): string | null {
  const { source } = sampleSpec(spec, plugins);
  const plugin = findPlugin(plugins, source.connector);
  if (plugin?.type !== 'source') return null;
  try {
    const topic = plugin.topicOf(source.config);
    return topic === '' ? null : topic;
  } catch {
    return null;
  }
}

/** By which key the user names the topic, or its beginning. */
function topicKey({ source }: JobSpec, { plugins }: ApiParts): string {
  const plugin = findPlugin(plugins, source.connector);
  const known = new Set(plugin?.configDef.map(({ name }) => name));
  return ['pkuse.kafka.topic.prefix', 'topic.prefix'].find((name) => known.has(name)) ?? 'topic';
}
