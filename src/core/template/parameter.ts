// A job's parameters: named, typed, with a default or given by who triggers it.
import { dayOf, textOfDay } from '../planning/calendar.ts';

export const parameterTypes = ['text', 'number', 'boolean', 'date', 'instant'] as const;
export type ParameterType = (typeof parameterTypes)[number];

export interface Parameter {
  /** Letters, digits and _; templates name it. */
  readonly name: string;
  readonly type: ParameterType;
  /** Absent: a trigger must give it, so the job has no schedule. */
  readonly default?: string;
  readonly description?: string;
}

/** A value in a template; an instant in ms, a date in days since 1970. */
export type Value =
  | { readonly type: 'text' | 'number'; readonly text: string }
  | { readonly type: 'boolean'; readonly text: 'true' | 'false' }
  | { readonly type: 'date'; readonly day: number }
  | { readonly type: 'instant'; readonly at: number };

const examples: Readonly<Record<ParameterType, string>> = {
  text: 'north',
  number: '12.5',
  boolean: 'true',
  date: '2027-01-31',
  instant: '2027-01-31T02:00:00Z',
};

const numberPattern = /^-?(0|[1-9]\d{0,30})(\.\d{1,30})?$/;
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** A string says what is wrong with the text, and what is right. */
export function readValue(type: ParameterType, text: string): Value | string {
  const wrong = `${JSON.stringify(text)} is no ${type}; right is for example ${examples[type]}`;
  switch (type) {
    case 'text':
      return { type, text };
    case 'number':
      return numberPattern.test(text) ? { type, text } : wrong;
    case 'boolean':
      return text === 'true' || text === 'false' ? { type, text } : wrong;
    case 'date': {
      const day = dayOf(text);
      return day === null ? wrong : { type, day };
    }
    case 'instant': {
      const at = instantPattern.test(text) && dayOf(text.slice(0, 10)) !== null ? Date.parse(text) : NaN;
      return Number.isNaN(at) ? wrong : { type, at };
    }
  }
}

/** For a look at a job whose parameters nobody gave yet. */
export function exampleOf(type: ParameterType): string {
  return examples[type];
}

/** As it is kept with a run: two texts of one value are the same. */
export function textOf(value: Value): string {
  switch (value.type) {
    case 'date':
      return textOfDay(value.day);
    case 'instant':
      return new Date(value.at).toISOString();
    default:
      return value.text;
  }
}
