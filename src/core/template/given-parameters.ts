// What a trigger gives for a job's parameters.
import { nearestName } from '../nearest-name.ts';
import { readValue, textOf, type Parameter } from './parameter.ts';

export interface Given {
  /** As they are kept with the run. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly problems: readonly { readonly field: string; readonly message: string }[];
}

export function readGiven(
  declared: readonly Parameter[],
  given: Readonly<Record<string, string | number | boolean>>,
): Given {
  const problems: { field: string; message: string }[] = [];
  const parameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const field = `parameters.${name}`;
    const parameter = declared.find((each) => each.name === name);
    if (parameter === undefined) {
      problems.push({ field, message: unknown(name, declared) });
      continue;
    }
    const read = readValue(parameter.type, String(value));
    if (typeof read === 'string') problems.push({ field, message: read });
    else parameters[name] = textOf(read);
  }
  for (const { name, type, default: standard } of declared)
    if (standard === undefined && !Object.hasOwn(given, name))
      problems.push({ field: `parameters.${name}`, message: `is missing: a ${type} that has no default` });
  return { parameters, problems };
}

function unknown(name: string, declared: readonly Parameter[]): string {
  const nearest = nearestName(
    name,
    declared.map((each) => each.name),
  );
  return nearest === null
    ? 'the job has no parameters'
    : `the job has no parameter ${name}; the most like it is ${nearest}`;
}
