// Secrets in a job's specification: shown as `***`; `***` sent back keeps the stored one.
import type { ConfigDef } from '../core/connector/config-def.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import { SyncError } from '../core/errors.ts';
import type { ConnectorSpec, JobSpec } from '../core/job.ts';
import { findPlugin } from '../core/connector/plugin-registry.ts';
import { checkStepShapes } from './checks/step-shapes.ts';
import type { SpecProblem } from './spec-problem.ts';
import type { ApiParts } from './api-parts.ts';
import { keepStepSecrets, maskSteps } from '../core/steps/step-secrets.ts';
import { createScrub, type Scrub } from '../core/secrets/scrub.ts';
import { keepStored, keysStillMasked, MASK, secretTexts, showConfig } from '../core/secrets/secrets.ts';

/** What tells which values are secret. */
type SecretsKnown = Pick<ApiParts, 'plugins' | 'sqlConnections'>;

export function maskSpec(spec: JobSpec, { plugins, sqlConnections }: SecretsKnown): JobSpec {
  const mask = (connector: ConnectorSpec): ConnectorSpec => ({
    ...connector,
    config: showConfig(connector.config, defOf(connector, plugins)),
  });
  return {
    ...spec,
    source: mask(spec.source),
    sink: mask(spec.sink),
    ...(spec.steps === undefined ? {} : { steps: maskSteps(spec.steps, sqlConnections.def) }),
    webhook: spec.webhook === null ? null : MASK,
  };
}

/** Puts the stored secrets where `***` stands. Throws BAD_INPUT when there is none to keep. */
export function keepSecrets(
  spec: JobSpec,
  stored: JobSpec | null,
  { plugins, sqlConnections }: SecretsKnown,
): JobSpec {
  const shapes = checkStepShapes(spec.steps);
  if (shapes.length > 0) throw allOf(shapes);
  const keep = (side: 'source' | 'sink'): ConnectorSpec => {
    const def = defOf(spec[side], plugins);
    const config = keepStored(spec[side].config, stored?.[side].config ?? {}, def);
    const [lost] = keysStillMasked(config, def);
    if (lost !== undefined) throw lacking(`${side}.config.${lost}`);
    return { ...spec[side], config };
  };
  const kept =
    spec.steps === undefined ? null : keepStepSecrets(spec.steps, stored?.steps, sqlConnections.def);
  const [lost] = kept?.lost ?? [];
  if (lost !== undefined) throw lacking(lost);
  if (spec.webhook === MASK && (stored?.webhook ?? null) === null) throw lacking('webhook');
  return {
    ...spec,
    source: keep('source'),
    sink: keep('sink'),
    ...(kept === null ? {} : { steps: kept.steps }),
    webhook: spec.webhook === MASK ? (stored?.webhook ?? null) : spec.webhook,
  };
}

/** Takes the secrets of a connector's configuration out of what is said about it. */
export function scrubOf(connector: ConnectorSpec, plugins: readonly ConnectorPlugin[]): Scrub {
  return createScrub(secretTexts(connector.config, defOf(connector, plugins)));
}

/** null: not one of ours, so only names tell what is secret. */
function defOf({ connector }: ConnectorSpec, plugins: readonly ConnectorPlugin[]): ConfigDef | null {
  return findPlugin(plugins, connector)?.configDef ?? null;
}

function allOf(problems: readonly SpecProblem[]): SyncError {
  const message = problems.map(({ field, message: what }) => `${field}: ${what}`).join(' · ');
  return new SyncError('BAD_INPUT', {
    message: `checking the job: ${message}`,
    field: problems[0]?.field ?? 'steps',
  });
}

function lacking(field: string): SyncError {
  return new SyncError('BAD_INPUT', {
    message: `reading ${field}: '${MASK}' keeps a stored secret, but none is stored`,
    field,
  });
}
