// Secrets in a job's specification: shown as `***`; `***` sent back keeps the stored one.
import type { ConfigDef } from '../core/connector/config-def.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import { SyncError } from '../core/errors.ts';
import type { ConnectorSpec, JobSpec } from '../core/job.ts';
import { findPlugin } from '../core/connector/plugin-registry.ts';
import { createScrub, type Scrub } from '../core/secrets/scrub.ts';
import { keepStored, keysStillMasked, MASK, secretTexts, showConfig } from '../core/secrets/secrets.ts';

export function maskSpec(spec: JobSpec, plugins: readonly ConnectorPlugin[]): JobSpec {
  const mask = (connector: ConnectorSpec): ConnectorSpec => ({
    ...connector,
    config: showConfig(connector.config, defOf(connector, plugins)),
  });
  return {
    ...spec,
    source: mask(spec.source),
    sink: mask(spec.sink),
    webhook: spec.webhook === null ? null : MASK,
  };
}

/** Puts the stored secrets where `***` stands. Throws BAD_INPUT when there is none to keep. */
export function keepSecrets(
  spec: JobSpec,
  stored: JobSpec | null,
  plugins: readonly ConnectorPlugin[],
): JobSpec {
  const keep = (side: 'source' | 'sink'): ConnectorSpec => {
    const def = defOf(spec[side], plugins);
    const config = keepStored(spec[side].config, stored?.[side].config ?? {}, def);
    const [lost] = keysStillMasked(config, def);
    if (lost !== undefined) throw lacking(`${side}.config.${lost}`);
    return { ...spec[side], config };
  };
  if (spec.webhook === MASK && (stored?.webhook ?? null) === null) throw lacking('webhook');
  return {
    ...spec,
    source: keep('source'),
    sink: keep('sink'),
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

function lacking(field: string): SyncError {
  return new SyncError('BAD_INPUT', {
    message: `reading ${field}: '${MASK}' keeps a stored secret, but none is stored`,
    field,
  });
}
