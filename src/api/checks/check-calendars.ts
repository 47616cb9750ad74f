// Calendars as the API takes them: found by name, and checked before they are kept.
import { dayOf, type CalendarSpec, type DayRange } from '../../core/planning/calendar.ts';
import { SyncError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { ApiParts } from '../api-parts.ts';
import { problemOfText } from '../plain-text.ts';
import type { SpecProblem } from '../spec-problem.ts';

/** Names that are looked through for the one that was meant. */
const maxLooked = 1_000;

/** In the order of their names in a schedule. Throws BAD_INPUT naming the first that there is not. */
export async function requireCalendars(
  { calendars }: Pick<ApiParts, 'calendars'>,
  names: readonly string[],
): Promise<readonly CalendarSpec[]> {
  if (names.length === 0) return [];
  const found = await calendars.readSpecs(names);
  const specs: CalendarSpec[] = [];
  for (const [at, name] of names.entries()) {
    const spec = found.find((each) => each.name === name);
    if (spec === undefined) throw await noSuch(calendars, name, at);
    specs.push(spec);
  }
  return specs;
}

async function noSuch(calendars: ApiParts['calendars'], name: string, at: number): Promise<SyncError> {
  const known = (await calendars.list(maxLooked)).map(({ spec }) => spec.name);
  const nearest = nearestName(name, known);
  const like = nearest === null ? 'there is none yet' : `the most like it is ${JSON.stringify(nearest)}`;
  const message = `there is no calendar ${JSON.stringify(name)}; ${like}`;
  return new SyncError('BAD_INPUT', { message, field: `schedule.calendars.${at}` });
}

/** All problems at once. */
export function findCalendarProblems(spec: CalendarSpec): readonly SpecProblem[] {
  const ofText = problemOfText(spec.description);
  const problems: SpecProblem[] = [
    ...(ofText === null ? [] : [{ field: 'description', message: ofText }]),
    ...(['exclude', 'include'] as const).flatMap((list) =>
      spec[list].flatMap((range, at) => problemsOfRange(range, `${list}.${at}`)),
    ),
  ];
  if (spec.weekdays.length === 0 && spec.include.length === 0)
    problems.push({
      field: 'weekdays',
      message:
        'no weekday and no day of include: nothing would ever fire; right is for example ["MON", "TUE"]',
    });
  return problems;
}

function problemsOfRange({ from, to, name }: DayRange, field: string): readonly SpecProblem[] {
  const ofName = name === undefined ? null : problemOfText(name);
  const problems: SpecProblem[] = ofName === null ? [] : [{ field: `${field}.name`, message: ofName }];
  const first = dayOf(from);
  const last = to === undefined ? first : dayOf(to);
  const noDay = (text: string): string =>
    `${JSON.stringify(text)} is no day; right is for example 2027-02-05`;
  if (first === null) problems.push({ field: `${field}.from`, message: noDay(from) });
  if (last === null && to !== undefined) problems.push({ field: `${field}.to`, message: noDay(to) });
  if (first !== null && last !== null && last < first)
    problems.push({
      field: `${field}.to`,
      message: `${to ?? ''} is before from, ${from}: write a later day`,
    });
  return problems;
}
