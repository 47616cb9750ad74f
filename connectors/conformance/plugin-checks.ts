// What every connector says of its configuration, a source's or a target's.
import assert from 'node:assert/strict';
import { systemClock } from '../../src/core/clock.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { ConnectorPlugin } from '../../src/core/connector/contract.ts';
import { within } from '../../src/core/waiting/within.ts';

const ANSWER_MS = 10_000;

export const noSignal: AbortSignal = new AbortController().signal;

export interface Configured {
  readonly plugin: ConnectorPlugin;
  /** A whole one. */
  readonly config: ConnectorConfig;
}

export function checkConfig({ plugin, config }: Configured): void {
  assert.deepEqual(plugin.validate(config), [], 'the bed has a whole configuration');
  const needed = plugin.configDef.filter(({ defaultValue }) => defaultValue === undefined);
  for (const { name } of needed) {
    const problems = plugin.validate({ ...config, [name]: '' });
    assert.ok(
      problems.some(({ key }) => key === name),
      `a configuration without ${name} is refused by name`,
    );
  }
}

export function checkIdentity({ plugin, config }: Configured): void {
  let said = config;
  for (const { name, type } of plugin.configDef) {
    // Not every secret has its place beside the bed's keys.
    const more = { ...said, [name]: 's3cret-s3cret' };
    if (type === 'PASSWORD' && plugin.validate(more).length === 0) said = more;
  }
  for (const tell of [plugin.identity.bind(plugin), plugin.content.bind(plugin)]) {
    assert.equal(tell(said), tell({ ...said }), 'identity and content are the same each time');
    assert.ok(!tell(said).includes('s3cret-s3cret'), 'identity and content hold no secret');
  }
  assert.notEqual(plugin.identity(config), '', 'identity says what is read or written');
}

export function answered<T>(what: string, work: Promise<T>): Promise<T> {
  const onLimit = (): never => assert.fail(`${what}: no answer within ${ANSWER_MS / 1_000} s`);
  return within({ clock: systemClock, ms: ANSWER_MS, onLimit }, work);
}

/** What it failed with; undefined: it did not. */
export function settled(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
