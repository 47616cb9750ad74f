// Calendars: create, list, read, change, delete.
import { Type, type Static } from '@sinclair/typebox';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import type { Calendar, CalendarSpec } from '../../core/planning/calendar.ts';
import { SyncError } from '../../core/errors.ts';
import type { AuditEntry } from '../../core/ports/audit.ts';
import type { ApiParts } from '../api-parts.ts';
import { findCalendarProblems } from '../checks/check-calendars.ts';
import { readVersion } from '../request/if-match.ts';
import {
  CalendarAnswer,
  CalendarBody,
  CalendarParams,
  CalendarsAnswer,
} from '../schemas/calendar-schemas.ts';

const maxListed = 500;
const maxUsers = 100;

const schemas = {
  create: { operationId: 'createCalendar', body: CalendarBody, response: { 201: CalendarAnswer } },
  list: { operationId: 'listCalendars', response: { 200: CalendarsAnswer } },
  read: { operationId: 'readCalendar', params: CalendarParams, response: { 200: CalendarAnswer } },
  update: {
    operationId: 'updateCalendar',
    params: CalendarParams,
    body: CalendarBody,
    response: { 200: CalendarAnswer },
  },
  remove: { operationId: 'deleteCalendar', params: CalendarParams, response: { 204: Type.Null() } },
} as const;

export function calendarRoutes({ calendars, schedules }: ApiParts): FastifyPluginAsync {
  const answer = async (reply: FastifyReply, calendar: Calendar): Promise<Static<typeof CalendarAnswer>> => {
    void reply.header('etag', `"${calendar.version}"`);
    const usedBy = await calendars.listUsers(calendar.spec.name, maxUsers);
    return { ...show(calendar), usedBy: [...usedBy] };
  };
  return async (server) => {
    server.post('/calendars', { schema: schemas.create }, async (request, reply) => {
      const spec = requireSound(request.body as CalendarSpec);
      const calendar = await calendars.create(spec, auditOf('calendar.create', spec.name));
      void reply.code(201).header('location', `/api/v1/calendars/${encodeURIComponent(spec.name)}`);
      return answer(reply, calendar);
    });

    server.get('/calendars', { schema: schemas.list }, async () => ({
      calendars: (await calendars.list(maxListed)).map(show),
    }));

    server.get('/calendars/:name', { schema: schemas.read }, async (request, reply) => {
      const { name } = request.params as CalendarParams;
      const calendar = await calendars.read(name);
      if (calendar !== null) return answer(reply, calendar);
      throw new SyncError('NOT_FOUND', { message: `reading calendar ${name}: there is none`, field: 'name' });
    });

    server.put('/calendars/:name', { schema: schemas.update }, async (request, reply) => {
      const { name } = request.params as CalendarParams;
      const version = readVersion(request.headers['if-match']);
      const spec = requireSound(request.body as CalendarSpec);
      if (spec.name !== name)
        throw new SyncError('BAD_INPUT', {
          message: `jobs name it ${name}, so it can't become ${spec.name}: make another calendar and change the jobs`,
          field: 'name',
        });
      const audit = auditOf('calendar.update', name, `version ${version} → ${version + 1}`);
      const { calendar } = await calendars.update({ version, spec, settle: schedules.settle }, audit);
      return answer(reply, calendar);
    });

    server.delete('/calendars/:name', { schema: schemas.remove }, async (request, reply) => {
      const { name } = request.params as CalendarParams;
      const version = readVersion(request.headers['if-match']);
      await calendars.remove({ name, version }, auditOf('calendar.delete', name));
      return reply.code(204).send();
    });
    await Promise.resolve();
  };
}

/** Throws BAD_INPUT naming the first field, listing all. */
function requireSound(spec: CalendarSpec): CalendarSpec {
  const problems = findCalendarProblems(spec);
  const [first] = problems;
  if (first === undefined) return spec;
  const lines = problems.map(({ field, message }) => `${field}: ${message}`);
  throw new SyncError('BAD_INPUT', {
    message: `checking the calendar: ${lines.join(' · ')}`,
    field: first.field,
  });
}

function show({
  spec,
  version,
  createdAt,
  updatedAt,
}: Calendar): Omit<Static<typeof CalendarAnswer>, 'usedBy'> {
  return { ...(spec as CalendarBody), version, createdAt, updatedAt };
}

function auditOf(action: string, name: string, detail = ''): AuditEntry {
  return { actor: 'admin', action, object: `calendar ${name}`, detail };
}
