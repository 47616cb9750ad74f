// Looking into a source, for the wizard: POST, since the connection's configuration is in the body. Nothing is stored.
import type { TSchema } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import type { ConnectorConfig } from '../../core/connector/config-def.ts';
import { SyncError } from '../../core/errors.ts';
import { findPlugin } from '../../core/connector/plugin-registry.ts';
import type { SourceLook, TablePlace } from '../../core/connector/source-look.ts';
import { hostGuard, type ApiParts } from '../api-parts.ts';
import { requireReachable } from '../../core/network/check-hosts.ts';
import * as shape from '../look-schemas.ts';

const LOOK_LIMIT_MS = 8_000;

interface LookBody {
  readonly connector: string;
  readonly config: ConnectorConfig;
  readonly namespace?: string;
  readonly table: string;
  readonly rows: number;
}

interface Looking {
  readonly operationId: string;
  readonly body: TSchema;
  readonly answer: TSchema;
  readonly look: (look: SourceLook, body: LookBody) => Promise<unknown>;
}

const lookings: Readonly<Record<string, Looking>> = {
  namespaces: {
    operationId: 'lookNamespaces',
    body: shape.PlaceBody,
    answer: shape.NamespacesAnswer,
    look: async (look) => ({ namespaces: await look.listNamespaces() }),
  },
  tables: {
    operationId: 'lookTables',
    body: shape.NamespaceBody,
    answer: shape.TablesAnswer,
    look: async (look, { namespace }) => ({ tables: await look.listTables(namespace ?? null) }),
  },
  parts: {
    operationId: 'lookParts',
    body: shape.TableBody,
    answer: shape.PartsAnswer,
    look: (look, body) => look.listParts(placeOf(body)),
  },
  columns: {
    operationId: 'lookColumns',
    body: shape.ColumnsBody,
    answer: shape.ColumnsAnswer,
    look: (look, body) => look.sampleColumns(placeOf(body), body.rows),
  },
  rows: {
    operationId: 'lookRows',
    body: shape.RowsBody,
    answer: shape.RowsAnswer,
    look: async (look, body) => ({ rows: await look.sampleRows(placeOf(body), body.rows) }),
  },
  mapping: {
    operationId: 'testMapping',
    body: shape.MappingBody,
    answer: shape.MappingAnswer,
    look: (look, { config, rows }) => look.testMapping(config, rows),
  },
};

function placeOf({ namespace, table }: LookBody): TablePlace {
  return { namespace: namespace ?? null, table };
}

export function lookingRoutes(parts: ApiParts): FastifyPluginAsync {
  return async (server) => {
    for (const [what, { operationId, body, answer, look }] of Object.entries(lookings))
      server.post(
        `/sources/${what}`,
        { schema: { operationId, body, response: { 200: answer } } },
        async (request) => {
          const given = request.body as LookBody;
          await requireReachable(hostGuard(parts), given);
          const open = openLook(parts, given);
          try {
            return await look(open, given);
          } finally {
            await open.close();
          }
        },
      );
    await Promise.resolve();
  };
}

/** Throws NOT_FOUND for a class that is no source, NOT_YET for one that can't be looked into, BAD_INPUT naming the key. */
function openLook({ plugins }: ApiParts, { connector, config }: LookBody): SourceLook {
  const plugin = findPlugin(plugins, connector);
  if (plugin?.type !== 'source')
    throw new SyncError('NOT_FOUND', {
      message: `looking into a source: there is no source connector '${connector}'`,
      field: 'connector',
    });
  if (plugin.openLook === undefined)
    throw new SyncError('NOT_YET', {
      message: `looking into a source: ${plugin.className} has nothing to look into`,
      field: 'connector',
    });
  return plugin.openLook(config, AbortSignal.timeout(LOOK_LIMIT_MS));
}
