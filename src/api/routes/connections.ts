// The connection test: both sides of a job, step by step, before its first run.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { CheckStep } from '../../core/connector/contract.ts';
import type { ConnectorSpec, JobSpec } from '../../core/job.ts';
import { clusterOf } from '../../core/job.ts';
import { hostGuard, type ApiParts } from '../api-parts.ts';
import { requireReachable } from '../../core/network/check-hosts.ts';
import { findPlugin } from '../../core/connector/plugin-registry.ts';
import { CheckAnswer, IdParams, JobBody } from '../schemas.ts';
import { requireJob } from '../job-lookup.ts';
import { withTopic } from '../job-checks.ts';
import { resolveSides } from '../job-sides.ts';
import { scrubOf } from '../secret-values.ts';

const CHECK_LIMIT_MS = 30_000;

export function connectionRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.post(
      '/jobs/check',
      { schema: { operationId: 'checkConnections', body: JobBody, response: { 200: CheckAnswer } } },
      (request) => checkBoth(request.body as JobSpec, parts),
    );
    server.post(
      '/jobs/:id/check',
      { schema: { operationId: 'checkJob', params: IdParams, response: { 200: CheckAnswer } } },
      async (request) => {
        const job = await requireJob(parts, (request.params as Static<typeof IdParams>).id);
        return checkBoth(job.spec, parts);
      },
    );
    await Promise.resolve();
  };
}

async function checkBoth(spec: JobSpec, parts: ApiParts): Promise<Static<typeof CheckAnswer>> {
  for (const side of [spec.source, spec.sink]) await requireReachable(hostGuard(parts), side);
  const sink: ConnectorSpec = { ...spec.sink, config: withTopic('sink', spec, parts) };
  const { whose } = (await resolveSides(spec, parts)).sink;
  const sides = await Promise.all([
    checkSide('source', spec.source, parts).then((steps) => ({ side: 'source', steps: [...steps] })),
    (whose === 'ours' ? checkSide('sink', sink, parts) : Promise.resolve([elsewhere(spec)])).then(
      (steps) => ({ side: 'sink', steps: [...steps] }),
    ),
  ]);
  return { ok: sides.every((side) => side.steps.every((step) => step.ok)), sides };
}

/** Nothing of ours dials for such a sink. */
function elsewhere(spec: JobSpec): CheckStep {
  const detail = `${spec.sink.connector} is the Connect cluster '${clusterOf(spec, 'sink')}'s own: what it connects to is seen there`;
  return { name: 'class', ok: true, detail, tookMs: 0 };
}

async function checkSide(
  side: string,
  connector: ConnectorSpec,
  parts: ApiParts,
): Promise<readonly CheckStep[]> {
  const scrub = scrubOf(connector, parts.plugins);
  const steps = await takeSteps(side, connector, parts);
  return steps.map((step) => ({ ...step, detail: scrub(step.detail) }));
}

async function takeSteps(
  side: string,
  connector: ConnectorSpec,
  parts: ApiParts,
): Promise<readonly CheckStep[]> {
  const plugin = findPlugin(parts.plugins, connector.connector);
  if (plugin === null) {
    return [
      {
        name: 'class',
        ok: false,
        detail: `there is no ${side} connector '${connector.connector}'`,
        tookMs: 0,
      },
    ];
  }
  return plugin.testConnection(connector.config, AbortSignal.timeout(CHECK_LIMIT_MS));
}
