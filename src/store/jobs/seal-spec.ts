// Job specs at rest: the two connectors' configurations and the steps, whole, and the webhook are sealed under the store's key. Nobody has to
// know which of their values are secret, so none can be missed, whatever plugin it belongs to.
//
//  stored = JSON {spec, sealed: {source: box, sink: box, webhook: box | null, steps?: box}}; what is sealed is {}, null or absent in spec
import type { ConnectorConfig } from '../../core/connector/config-def.ts';
import type { JobSteps } from '../../core/steps/job-steps.ts';
import type { JobSpec } from '../../core/job.ts';
import { createSealer } from '../../core/secrets/seal.ts';

export interface SpecSealer {
  /** First 8 hex digits of the key's SHA-256. */
  readonly keyId: string;
  seal(jobId: string, spec: JobSpec): string;
  /** Throws SECRET_KEY_WRONG. */
  open(jobId: string, stored: string): JobSpec;
}

interface StoredSpec {
  readonly spec: JobSpec;
  readonly sealed: {
    readonly source: string;
    readonly sink: string;
    readonly webhook: string | null;
    /** Absent: it has none. */
    readonly steps?: string;
  };
}

/** Throws BAD_INPUT unless the key has 32 bytes. */
export function createSpecSealer(secretKey: Uint8Array): SpecSealer {
  const sealer = createSealer(secretKey);
  return {
    keyId: sealer.keyId,
    seal: (jobId, spec) =>
      JSON.stringify(sealSpec(spec, (side, text) => sealer.seal(`${jobId}/${side}`, text))),
    open: (jobId, stored) =>
      openSpec(JSON.parse(stored) as StoredSpec, (side, box) => sealer.open(`${jobId}/${side}`, box)),
  };
}

type Change = (place: keyof StoredSpec['sealed'], text: string) => string;

function sealSpec(spec: JobSpec, seal: Change): StoredSpec {
  const { steps, ...open } = spec;
  const { source, sink, webhook } = open;
  return {
    spec: { ...open, source: { ...source, config: {} }, sink: { ...sink, config: {} }, webhook: null },
    sealed: {
      source: seal('source', JSON.stringify(source.config)),
      sink: seal('sink', JSON.stringify(sink.config)),
      webhook: webhook === null ? null : seal('webhook', webhook),
      ...(steps === undefined ? {} : { steps: seal('steps', JSON.stringify(steps)) }),
    },
  };
}

function openSpec({ spec, sealed }: StoredSpec, open: Change): JobSpec {
  const config = (side: 'source' | 'sink'): ConnectorConfig =>
    JSON.parse(open(side, sealed[side])) as ConnectorConfig;
  return {
    ...spec,
    source: { ...spec.source, config: config('source') },
    sink: { ...spec.sink, config: config('sink') },
    webhook: sealed.webhook === null ? null : open('webhook', sealed.webhook),
    ...(sealed.steps === undefined ? {} : { steps: JSON.parse(open('steps', sealed.steps)) as JobSteps }),
  };
}
