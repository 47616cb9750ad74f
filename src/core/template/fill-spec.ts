// Fills the templates of a job for one run.
import type { ConnectorPlugin } from '../connector/contract.ts';
import { findPlugin } from '../connector/plugin-registry.ts';
import { sayWay } from '../deletes.ts';
import type { ConnectorSpec, JobSpec } from '../job.ts';
import { findZone, utc } from '../time/time-zone.ts';
import { fillConfig, type Filled, type Filling } from './fill-config.ts';
import { exampleOf } from './parameter.ts';
import { valuesOf, type RunInputs } from './run-inputs.ts';

export interface FilledSpec {
  readonly spec: JobSpec;
  /** [] where each template has its value. */
  readonly problems: readonly { readonly field: string; readonly message: string }[];
  /** Names that templates use. */
  readonly used: ReadonlySet<string>;
}

export interface FilledFor {
  readonly plannedAt: number;
  readonly inputs: RunInputs;
}

/** Instants are written in the schedule's zone; UTC without one. */
export function fillSpec(spec: JobSpec, plugins: readonly ConnectorPlugin[], run: FilledFor): FilledSpec {
  const zone = (spec.schedule === null ? null : findZone(spec.schedule.timeZone)) ?? utc;
  const filling = { values: valuesOf(spec.parameters, run), zone };
  const source = fillSide(spec.source, plugins, filling);
  const sink = fillSide(spec.sink, plugins, filling);
  const named = (side: 'source' | 'sink', problems: Filled['problems']): FilledSpec['problems'] =>
    problems.map(({ key, message }) => ({ field: `${side}.config.${key}`, message }));
  return {
    spec: {
      ...spec,
      source: { ...spec.source, config: source.config },
      sink: { ...spec.sink, config: sink.config },
    },
    problems: [
      ...named('source', source.problems),
      ...named('source', unread(spec, plugins, source)),
      ...named('sink', sink.problems),
    ],
    used: new Set([...source.used, ...sink.used]),
  };
}

/** A row outside of what this run reads would be taken for one that is gone, and removed from the target. */
function unread(
  { source: { connector } }: JobSpec,
  plugins: readonly ConnectorPlugin[],
  { config, templates }: Filled,
): Filled['problems'] {
  const plugin = findPlugin(plugins, connector);
  const way = plugin?.type === 'source' && templates.size > 0 ? (plugin.deletes?.(config) ?? null) : null;
  if (way === null) return [];
  return [...templates].map(([key, template]) => ({
    key,
    message: `${template}: each run reads other rows, and ${sayWay(way)} takes those that it does not read for deleted and removes them from the target: write ${way.setting}=ignore, or no template in ${key}`,
  }));
}

function fillSide(
  { connector, config }: ConnectorSpec,
  plugins: readonly ConnectorPlugin[],
  filling: Filling,
): Filled {
  return fillConfig(config, findPlugin(plugins, connector)?.configDef ?? [], filling);
}

/** For what is the same in all runs, such as topic and tables: any values do. What can't be filled stays as it is. */
export function sampleSpec(spec: JobSpec, plugins: readonly ConnectorPlugin[]): JobSpec {
  return mayHoldTemplates(spec) ? fillSample(spec, plugins).spec : spec;
}

/** Where nobody knows yet what a run's values are: what is wrong whatever they are is found. */
export function fillSample(spec: JobSpec, plugins: readonly ConnectorPlugin[]): FilledSpec {
  const examples = spec.parameters.map(({ name, type }) => [name, exampleOf(type)] as const);
  const window = { from: 0, to: 1_000 };
  const inputs = { window, businessDate: '1970-01-01', parameters: Object.fromEntries(examples) };
  return fillSpec(spec, plugins, { plannedAt: 1_000, inputs });
}

/** Is there anything to fill? Most jobs hold nothing that looks like it. */
export function mayHoldTemplates({ source, sink }: JobSpec): boolean {
  return [source, sink].some(({ config }) => Object.values(config).some((value) => value.includes('${')));
}
