// Templates and parameters of a job as the API checks and shows them.
import type { Static } from '@sinclair/typebox';
import { SyncError } from '../core/errors.ts';
import type { JobSpec } from '../core/job.ts';
import { exampleOf, readValue, textOf, type Parameter } from '../core/template/parameter.ts';
import { fillSpec, mayHoldTemplates, type FilledSpec } from '../core/template/fill-spec.ts';
import { readGiven } from '../core/template/given-parameters.ts';
import { valuesOf } from '../core/template/run-inputs.ts';
import type { ApiParts } from './api-parts.ts';
import type { SpecProblem } from './spec-problem.ts';
import type { TemplatePreviewAnswer } from './schemas/parameter-schemas.ts';

export interface Looked {
  /** As a run could have it, for whatever looks at configurations. */
  readonly spec: JobSpec;
  readonly problems: readonly SpecProblem[];
}

/** As a run of now would have it, with an example where a parameter has no default. Throws DATABASE_*. */
export async function lookAtTemplates(spec: JobSpec, parts: ApiParts): Promise<Looked> {
  const problems = [...spec.parameters.flatMap((each, at) => problemsOfParameter(spec, each, at))];
  if (!mayHoldTemplates(spec)) return { spec, problems: [...problems, ...unused(spec, new Set())] };
  const filled = await fillAt(spec, parts, { plannedAt: parts.clock.now(), parameters: examplesFor(spec) });
  problems.push(...filled.problems);
  if (filled.problems.length === 0) problems.push(...unused(spec, filled.used));
  if (spec.mode === 'incremental' && filled.used.size > 0)
    problems.push({
      field: 'mode',
      message:
        'with templates each run reads something else, which increments can not go on from: write "mode": "full"',
    });
  return { spec: filled.spec, problems };
}

/** As the run would keep them. Throws BAD_INPUT naming the first that is wrong, listing all. */
export async function requireGiven(
  parts: ApiParts,
  spec: JobSpec,
  given: Readonly<Record<string, string | number | boolean>>,
): Promise<Readonly<Record<string, string>>> {
  const { parameters, problems } = readGiven(spec.parameters, given);
  if (problems.length > 0) throw badInput(problems);
  // Without anything given nothing differs from what was looked at when the job was saved.
  if (Object.keys(parameters).length === 0) return parameters;
  const filled = await fillAt(spec, parts, { plannedAt: parts.clock.now(), parameters });
  if (filled.problems.length > 0) throw badInput(filled.problems);
  return parameters;
}

export async function previewTemplates(
  parts: ApiParts,
  { spec, nextFireAt }: { readonly spec: JobSpec; readonly nextFireAt: number | null },
  {
    at,
    parameters: given = {},
  }: { readonly at?: string; readonly parameters?: Parameters<typeof requireGiven>[2] },
): Promise<Static<typeof TemplatePreviewAnswer>> {
  const plannedAt = at === undefined ? (nextFireAt ?? parts.clock.now()) : instantOf(at);
  const { parameters, problems } = readGiven(spec.parameters, given);
  const inputs = await parts.jobActs.inputsOf(spec, { plannedAt, parameters });
  const filled = fillSpec(spec, parts.plugins, { plannedAt, inputs });
  const changed = Object.entries(filled.spec.source.config).filter(
    ([key, value]) => spec.source.config[key] !== value,
  );
  return {
    plannedAt,
    values: [...valuesOf(spec.parameters, { plannedAt, inputs })].map(([name, value]) => ({
      name,
      type: value.type,
      value: textOf(value),
    })),
    configs: { source: Object.fromEntries(changed) },
    problems: [...problems, ...filled.problems],
  };
}

async function fillAt(
  spec: JobSpec,
  parts: ApiParts,
  run: { readonly plannedAt: number; readonly parameters: Readonly<Record<string, string>> },
): Promise<FilledSpec> {
  const inputs = await parts.jobActs.inputsOf(spec, run);
  return fillSpec(spec, parts.plugins, { plannedAt: run.plannedAt, inputs });
}

function problemsOfParameter(
  { parameters, schedule }: JobSpec,
  { name, type, default: standard }: Parameter,
  at: number,
): readonly SpecProblem[] {
  const field = `parameters.${at}`;
  const problems: SpecProblem[] = [];
  if (parameters.findIndex((each) => each.name === name) !== at)
    problems.push({
      field: `${field}.name`,
      message: `${name} is declared twice: each has a name of its own`,
    });
  const read = standard === undefined ? null : readValue(type, standard);
  if (typeof read === 'string') problems.push({ field: `${field}.default`, message: read });
  if (standard === undefined && schedule !== null)
    problems.push({
      field: `${field}.default`,
      message: `${name} has none, and the schedule's fires give it nothing: write one, or "schedule": null`,
    });
  return problems;
}

function unused({ parameters }: JobSpec, used: ReadonlySet<string>): readonly SpecProblem[] {
  return parameters.flatMap(({ name }, at) =>
    used.has(name)
      ? []
      : [{ field: `parameters.${at}`, message: `no template names \${${name}}: use it, or remove it` }],
  );
}

function examplesFor({ parameters }: JobSpec): Readonly<Record<string, string>> {
  return Object.fromEntries(
    parameters.flatMap(({ name, type, default: standard }) =>
      standard === undefined ? [[name, exampleOf(type)] as const] : [],
    ),
  );
}

function instantOf(text: string): number {
  const value = readValue('instant', text);
  if (typeof value !== 'string' && value.type === 'instant') return value.at;
  const message = typeof value === 'string' ? value : `${text} is no instant`;
  throw new SyncError('BAD_INPUT', { message, field: 'at' });
}

function badInput(problems: readonly SpecProblem[]): SyncError {
  const lines = problems.map(({ field, message }) => `${field}: ${message}`);
  const message = `reading the parameters: ${lines.join(' · ')}`;
  return new SyncError('BAD_INPUT', { message, field: problems[0]?.field ?? 'parameters' });
}
