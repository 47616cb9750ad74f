// The audit list: who did what to which object, newest first.
import type { Static } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { ApiParts } from '../api-parts.ts';
import { AuditAnswer, AuditQuery } from '../schemas.ts';

export function auditRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.get(
      '/audit',
      { schema: { operationId: 'listAudit', querystring: AuditQuery, response: { 200: AuditAnswer } } },
      async (request) => {
        const { limit, before } = request.query as Static<typeof AuditQuery>;
        return { entries: await parts.jobs.listAudit({ limit, before: before ?? null }) };
      },
    );
    await Promise.resolve();
  };
}
