// What a run's templates get their values from: fixed when its row is made, the same in each of its attempts.
import type { Parameter, Value } from './parameter.ts';
import { readValue } from './parameter.ts';

export interface RunInputs {
  /** The interval that the fire owns, ms: from the fire before it to itself. null: its schedule has none, or it has no schedule. */
  readonly window: { readonly from: number; readonly to: number } | null;
  /** The newest day before the fire's that the job's calendars have open; `2027-01-31`. */
  readonly businessDate: string;
  /** What the trigger gave, by name; the others have their defaults. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** By the name that templates use. A parameter that has no value, or one that is none, is left out. */
export function valuesOf(
  parameters: readonly Parameter[],
  { plannedAt, inputs }: { readonly plannedAt: number; readonly inputs: RunInputs },
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>([['fire.time', { type: 'instant', at: plannedAt }]]);
  const put = (name: string, value: Value | string): void => {
    if (typeof value !== 'string') values.set(name, value);
  };
  put('business.date', readValue('date', inputs.businessDate));
  if (inputs.window !== null) {
    values.set('window.from', { type: 'instant', at: inputs.window.from });
    values.set('window.to', { type: 'instant', at: inputs.window.to });
  }
  for (const { name, type, default: standard } of parameters) {
    const given = Object.hasOwn(inputs.parameters, name) ? inputs.parameters[name] : standard;
    if (given !== undefined) put(name, readValue(type, given));
  }
  return values;
}
