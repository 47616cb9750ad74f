// The executors by which runs can be taken.
import { Type } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { ApiParts } from '../api-parts.ts';

const ExecutorsAnswer = Type.Object({
  executors: Type.Array(
    Type.Object({
      name: Type.String(),
      seenAt: Type.Integer({ description: "By the database's time." }),
      here: Type.Boolean({ description: 'false: it gave no sign for a minute.' }),
    }),
  ),
});

export function executorRoutes({ executors }: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.get(
      '/executors',
      { schema: { operationId: 'listExecutors', response: { 200: ExecutorsAnswer } } },
      async () => ({ executors: await executors.list() }),
    );
    await Promise.resolve();
  };
}
