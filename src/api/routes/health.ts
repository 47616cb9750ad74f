// Health for machines: no token needed. What is wrong is said only to those who have it: driver errors
// name hosts and users.
import type { FastifyPluginAsync } from 'fastify';
import { systemClock } from '../../core/clock.ts';
import { within } from '../../core/waiting/within.ts';
import type { ApiParts, ReadinessCheck } from '../api-parts.ts';
import type { Auth } from '../auth.ts';

const READY_LIMIT_MS = 5_000;

interface Checked {
  readonly name: string;
  readonly ok: boolean;
  readonly required: boolean;
  readonly detail: string;
}

export function healthRoutes(
  parts: ApiParts,
  { auth, isStopping }: { readonly auth: Auth; readonly isStopping: () => boolean },
): FastifyPluginAsync {
  return async (server) => {
    server.get('/livez', { schema: { operationId: 'livez', security: [] } }, () => ({ status: 'alive' }));
    server.get('/readyz', { schema: { operationId: 'readyz', security: [] } }, async (request, reply) => {
      const checks = await Promise.all([...parts.readiness].map(([name, check]) => checkOne(name, check)));
      const ready = !isStopping() && checks.every(({ ok, required }) => ok || !required);
      const known = auth.isRight(request.headers.authorization);
      return reply.code(ready ? 200 : 503).send({
        status: isStopping() ? 'stopping' : statusOf(checks),
        checks: checks.map(({ detail, ...check }) => (known ? { ...check, detail } : check)),
      });
    });
    await Promise.resolve();
  };
}

function statusOf(checks: readonly Checked[]): string {
  if (checks.every(({ ok }) => ok)) return 'ready';
  return checks.every(({ ok, required }) => ok || !required) ? 'degraded' : 'not ready';
}

async function checkOne(name: string, { required, ask }: ReadinessCheck): Promise<Checked> {
  const onLimit = (): never => {
    throw new Error(`no answer within ${READY_LIMIT_MS} ms`);
  };
  try {
    await within({ clock: systemClock, ms: READY_LIMIT_MS, onLimit }, ask());
    return { name, ok: true, required, detail: 'ok' };
  } catch (error) {
    return { name, ok: false, required, detail: error instanceof Error ? error.message : String(error) };
  }
}
