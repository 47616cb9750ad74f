// `/` and `/health`: which worker this is, and that it serves. The port opens only when the herder is up.
import type { Resource } from './resource.ts';
import { ok } from './resource.ts';

export interface RootContext {
  readonly version: string;
  readonly commit: string;
  readonly kafkaClusterId: () => string;
  /** Id of this process. In a header, because clients with strict classes refuse an unknown field. */
  readonly incarnation: string;
}

export function rootResources(context: RootContext): readonly Resource[] {
  return [
    {
      path: '/',
      methods: {
        GET: () => ({
          status: 200,
          body: {
            version: context.version,
            commit: context.commit,
            kafka_cluster_id: context.kafkaClusterId(),
          },
          headers: { 'x-syncline-incarnation': context.incarnation },
        }),
      },
    },
    {
      path: '/health',
      methods: {
        GET: () =>
          ok({
            status: 'healthy',
            message: 'Worker has completed startup and is ready to handle requests.',
          }),
      },
    },
  ];
}
