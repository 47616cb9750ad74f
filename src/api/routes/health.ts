// Health for machines, and the OpenAPI document: no token needed.
import type { FastifyPluginAsync } from 'fastify';
import { systemClock } from '../../core/clock.ts';
import { within } from '../../core/waiting/within.ts';
import type { ApiParts } from '../api-parts.ts';

const READY_LIMIT_MS = 5_000;

export function healthRoutes(parts: ApiParts, isStopping: () => boolean): FastifyPluginAsync {
  return async (server) => {
    server.get('/livez', { schema: { operationId: 'livez', security: [] } }, () => ({ status: 'alive' }));
    server.get('/readyz', { schema: { operationId: 'readyz', security: [] } }, async (_request, reply) => {
      const checks = await Promise.all([...parts.readiness].map(([name, ask]) => checkOne(name, ask)));
      const ready = !isStopping() && checks.every((check) => check.ok);
      return reply
        .code(ready ? 200 : 503)
        .send({ status: isStopping() ? 'stopping' : ready ? 'ready' : 'not ready', checks });
    });
    server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
    await Promise.resolve();
  };
}

async function checkOne(
  name: string,
  ask: () => Promise<void>,
): Promise<{ name: string; ok: boolean; detail: string }> {
  const onLimit = (): never => {
    throw new Error(`no answer within ${READY_LIMIT_MS} ms`);
  };
  try {
    await within({ clock: systemClock, ms: READY_LIMIT_MS, onLimit }, ask());
    return { name, ok: true, detail: 'ok' };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
