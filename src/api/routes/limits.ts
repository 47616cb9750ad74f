// Limits: how many runs may go at a time that share a source, a target or a label.
import { Type } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';
import { SyncError } from '../../core/errors.ts';
import { samePlace, type Place } from '../../core/planning/limit.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { AuditEntry } from '../../core/ports/audit.ts';
import type { Text } from '../../core/text.ts';
import type { ApiParts } from '../api-parts.ts';
import { LimitBody, LimitsAnswer, PlaceBody, SavedLimitAnswer } from '../schemas/limit-schemas.ts';

/** Places that are shown, and looked through for the name that was meant. */
const maxPlaces = 1_000;

const schemas = {
  list: { operationId: 'listLimits', response: { 200: LimitsAnswer } },
  set: { operationId: 'setLimit', body: LimitBody, response: { 200: SavedLimitAnswer } },
  remove: { operationId: 'removeLimit', querystring: PlaceBody, response: { 204: Type.Null() } },
} as const;

export function limitRoutes({ limits }: ApiParts): FastifyPluginAsync {
  return async (server) => {
    server.get('/limits', { schema: schemas.list }, async () => ({
      limits: await limits.list(),
      places: await limits.listPlaces(maxPlaces),
    }));

    server.put('/limits', { schema: schemas.set }, async (request) => {
      const { max, ...place } = request.body as LimitBody;
      await limits.set({ ...place, max }, auditOf('limit.set', place, `at most ${max}`));
      return { ...place, max, notes: notesOn(place, await limits.listPlaces(maxPlaces)) };
    });

    server.delete('/limits', { schema: schemas.remove }, async (request, reply) => {
      const place = request.query as PlaceBody;
      if (await limits.remove(place, auditOf('limit.remove', place))) return reply.code(204).send();
      throw new SyncError('NOT_FOUND', {
        message: `removing a limit: the ${place.kind} ${JSON.stringify(place.name)} has none`,
        field: 'name',
      });
    });
    await Promise.resolve();
  };
}

function notesOn(place: Place, places: readonly Place[]): readonly Text[] {
  if (places.some((known) => samePlace(known, place)) || places.length === maxPlaces) return [];
  const known = places.filter(({ kind }) => kind === place.kind).map(({ name }) => name);
  const nearest = nearestName(place.name, known);
  const name = JSON.stringify(place.name);
  const like: Text =
    nearest === null
      ? { en: '', zh: '' }
      : {
          en: `; the most like it is ${JSON.stringify(nearest)}`,
          zh: `；最相近的是 ${JSON.stringify(nearest)}`,
        };
  return [
    {
      en: `No job has ${name} as its ${place.kind} now${like.en}.`,
      zh: `目前没有作业使用 ${name}${like.zh}。`,
    },
  ];
}

function auditOf(action: string, { kind, name }: Place, detail = ''): AuditEntry {
  return { actor: 'admin', action, object: `${kind} ${name}`.slice(0, 200), detail };
}
