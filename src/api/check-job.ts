// What a job's next run would meet: each side by its own connection test, the rows of the source against the target, and the ledger.
// Nothing is made or changed anywhere.
import type { Static } from '@sinclair/typebox';
import { failedStep, runCheckSteps } from '../core/connector/check-steps.ts';
import type { CheckStep, ConnectorPlugin } from '../core/connector/contract.ts';
import type { RowSchema } from '../core/connector/field-type.ts';
import type { ErrorCode } from '../core/errors.ts';
import { SyncError } from '../core/errors.ts';
import type { ConnectorSpec, JobSpec } from '../core/job.ts';
import { clusterOf } from '../core/job.ts';
import type { Foreseen } from '../core/ledger/foresee.ts';
import { mapText } from '../core/text.ts';
import { requireReachable } from '../core/network/check-hosts.ts';
import { hostGuard, type ApiParts } from './api-parts.ts';
import { withTopic } from './job-checks.ts';
import { lookAtTemplates } from './templates.ts';
import { resolveSides } from './job-sides.ts';
import type { CheckAnswer } from './schemas.ts';
import { createScrub } from '../core/secrets/scrub.ts';
import { secretsOfSteps } from '../core/steps/step-secrets.ts';
import { checkSteps, tryConnections } from './checks/check-job-steps.ts';
import { scrubOf } from './secret-values.ts';

const CHECK_LIMIT_MS = 30_000;

export type CheckedJob = Parameters<ApiParts['jobActs']['foresee']>[0];

/** Throws BAD_INPUT where a connector leads to a place that may not be reached. */
export async function checkJob(given: CheckedJob, parts: ApiParts): Promise<Static<typeof CheckAnswer>> {
  const { spec, problems } = await lookAtTemplates(given.spec, parts);
  const [problem] = problems;
  if (problem !== undefined) throw new SyncError('BAD_INPUT', problem);
  const job = { ...given, spec };
  for (const side of [spec.source, spec.sink]) await requireReachable(hostGuard(parts), side);
  const [wrong] = await checkSteps(spec, parts);
  if (wrong !== undefined) throw new SyncError('BAD_INPUT', wrong);
  const { source, sink } = await resolveSides(spec, parts);
  const ofSource = checkSource(spec, source.plugin);
  const ofSink =
    sink.whose === 'ours'
      ? checkSink(spec, sink.plugin, { parts, rows: rowsOf(spec, source.plugin) })
      : Promise.resolve([elsewhere(spec)]);
  const ofRun = ofSink.then((steps) =>
    sink.whose === 'ours' && isReached(steps) ? checkRun(job, parts) : [],
  );
  const sides = [
    { side: 'source', steps: scrubbed(await ofSource, spec.source, parts) },
    { side: 'sink', steps: scrubbed(await ofSink, spec.sink, parts) },
    { side: 'run', steps: scrubbed(await ofRun, spec.sink, parts) },
    ...(spec.steps === undefined ? [] : [{ side: 'steps', steps: await ofSteps(spec, parts) }]),
  ];
  return { ok: sides.every(({ steps }) => steps.every(({ ok }) => ok)), sides };
}

async function ofSteps(spec: JobSpec, parts: ApiParts): Promise<AnsweredStep[]> {
  const scrub = createScrub(secretsOfSteps(spec.steps, parts.sqlConnections.def));
  const tried = await tryConnections(spec, parts);
  // What a side's connection says may quote that side.
  return scrubbed(
    tried.map((step) => ({ ...step, detail: scrub(step.detail) })),
    spec.source,
    parts,
  ).map((step) => ({ ...step, detail: scrubOf(spec.sink, parts.plugins)(step.detail) }));
}

function checkSource(spec: JobSpec, plugin: ConnectorPlugin | null): Promise<readonly CheckStep[]> {
  if (plugin?.type !== 'source') return Promise.resolve([unknownClass('source', spec.source)]);
  return plugin.testConnection(spec.source.config, AbortSignal.timeout(CHECK_LIMIT_MS));
}

/** undefined: they are not known, and the source's own steps say why. */
async function rowsOf({ source }: JobSpec, plugin: ConnectorPlugin | null): Promise<RowSchema | undefined> {
  if (plugin?.type !== 'source') return undefined;
  try {
    return await plugin.schemaOf?.(source.config, AbortSignal.timeout(CHECK_LIMIT_MS));
  } catch {
    return undefined;
  }
}

async function checkSink(
  spec: JobSpec,
  plugin: ConnectorPlugin | null,
  { parts, rows }: { readonly parts: ApiParts; readonly rows: Promise<RowSchema | undefined> },
): Promise<readonly CheckStep[]> {
  if (plugin?.type !== 'sink') return [unknownClass('sink', spec.sink)];
  const config = withTopic('sink', spec, parts);
  return plugin.testConnection(config, AbortSignal.timeout(CHECK_LIMIT_MS), await rows);
}

/** Whoever could not get in can't read the ledger either. */
const shut: readonly ErrorCode[] = ['BAD_INPUT', 'NOT_FOUND', 'TARGET_LOGIN', 'TARGET_UNREACHABLE'];

function isReached(steps: readonly CheckStep[]): boolean {
  return !steps.some(({ code }) => code !== undefined && shut.includes(code));
}

function checkRun(job: CheckedJob, { jobActs }: ApiParts): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    await step('next run', async () => {
      const foreseen = await jobActs.foresee(job);
      return { detail: sayReads(foreseen), doubts: foreseen?.doubts ?? [], value: null };
    });
  });
}

function sayReads(foreseen: Foreseen | null): string {
  switch (foreseen?.reads) {
    case undefined:
      return 'the sink keeps no ledger: runs are delivered, not proved';
    case 'everything':
      return 'no run of the job began in this target yet: the first one reads everything';
    case 'everything again':
      return 'it reads everything again';
    case 'increment':
      return 'it goes on where the last complete one ended';
  }
}

/** Nothing of ours dials for such a sink. */
function elsewhere(spec: JobSpec): CheckStep {
  const detail = `${spec.sink.connector} is the Connect cluster '${clusterOf(spec, 'sink')}'s own: what it connects to is seen there`;
  return { name: 'class', ok: true, detail, tookMs: 0 };
}

function unknownClass(side: string, { connector }: ConnectorSpec): CheckStep {
  const message = `there is no ${side} connector '${connector}'`;
  return failedStep('class', new SyncError('NOT_FOUND', { message }), { fallback: 'NOT_FOUND', tookMs: 0 });
}

type AnsweredStep = Static<typeof CheckAnswer>['sides'][number]['steps'][number];

function scrubbed(
  steps: readonly CheckStep[],
  connector: ConnectorSpec,
  { plugins }: ApiParts,
): AnsweredStep[] {
  const scrub = scrubOf(connector, plugins);
  return steps.map(({ doubts, ...step }) => ({
    ...step,
    detail: scrub(step.detail),
    ...(doubts === undefined ? {} : { doubts: doubts.map((doubt) => mapText(doubt, scrub)) }),
  }));
}
