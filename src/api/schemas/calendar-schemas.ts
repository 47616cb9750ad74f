// Shapes of calendars.
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { weekdays } from '../../core/planning/calendar.ts';
import { closed, OneOf } from './shapes.ts';

/** It stands in paths. */
export const CalendarName = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[\\p{L}\\p{N}._-]+$',
  examples: ['cn-working-days'],
});

const Day = Type.String({
  pattern: '^(19[7-9]|20|21)\\d{1,2}-\\d\\d-\\d\\d$',
  description: "A day of the schedule's zone, 1970 to 2199.",
  examples: ['2027-02-05'],
});

const Days = (description: string) =>
  Type.Array(
    Type.Object(
      {
        from: Day,
        to: Type.Optional(Day),
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 100, examples: ['Spring Festival'] })),
      },
      closed,
    ),
    { maxItems: 1_000, default: [], description },
  );

export const CalendarBody = Type.Object(
  {
    name: CalendarName,
    description: Type.String({ maxLength: 2_000, default: '' }),
    weekdays: Type.Array(OneOf(weekdays), {
      maxItems: 7,
      uniqueItems: true,
      default: [...weekdays],
      description: 'Days of the week that are open.',
      examples: [['MON', 'TUE', 'WED', 'THU', 'FRI']],
    }),
    exclude: Days('Days that are closed: from, or from … to.'),
    include: Days('Days that are open whatever else is said, such as working Saturdays.'),
  },
  closed,
);

export const CalendarAnswer = Type.Object({
  ...CalendarBody.properties,
  version: Type.Integer(),
  createdAt: Type.Integer(),
  updatedAt: Type.Integer(),
  usedBy: Type.Array(Type.Object({ id: Type.String(), name: Type.String() }), {
    description: 'Jobs that name it, at most 100.',
  }),
});

export const CalendarsAnswer = Type.Object({
  calendars: Type.Array(Type.Omit(CalendarAnswer, ['usedBy'])),
});

export const CalendarParams = Type.Object({ name: CalendarName }, closed);

export type CalendarBody = Static<typeof CalendarBody>;
export type CalendarParams = Static<typeof CalendarParams>;
