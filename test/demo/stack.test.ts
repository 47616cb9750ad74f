// What the launcher decides before it starts anything.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findFreePort } from '../../src/stack/free-port.ts';
import { missingTools, withNeeds } from '../../src/stack/missing-tools.ts';
import { jvmFlags } from '../../src/stack/services/jvm-flags.ts';
import { readStack, startStack, stopStack } from '../../src/stack/stack.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'syncline-stack-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

test("a folder that holds somebody else's files is refused, and a stop leaves them alone", async () => {
  writeFileSync(join(home, 'diary'), 'mine');
  const start = startStack({ services: ['redis'], dir: home, cacheDir: home });
  await expect(start).rejects.toMatchObject({ code: 'BAD_INPUT' });
  expect(await stopStack(home)).toEqual([]);
  expect(readdirSync(home)).toEqual(['diary']);
});

test('Connect brings Kafka along, once and first', () => {
  expect(withNeeds(['connect', 'kafka', 'redis'])).toEqual(['kafka', 'connect', 'redis']);
});

test('jars that are not in the cache make Maven a needed tool', () => {
  vi.stubEnv('PATH', home);
  const lines = missingTools(['kafka', 'hbase'], home);
  expect(lines).toContain('java: needed for kafka, hbase');
  expect(lines).toContain('mvn: needed for kafka, hbase');
});

test('missing tools fail the start before anything runs', async () => {
  vi.stubEnv('PATH', home);
  const start = startStack({ services: ['kafka'], dir: home, cacheDir: home });
  await expect(start).rejects.toMatchObject({ code: 'TOOL_MISSING' });
  expect(readStack(home)).toEqual({ dir: home, endpoints: {}, dead: [] });
});

test('free ports differ from one another', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => findFreePort()));
  expect(new Set(ports).size).toBe(50);
});

test('a large heap gets the compiler and the collector for throughput', () => {
  expect(jvmFlags(512)).toContain('-XX:TieredStopAtLevel=1');
  expect(jvmFlags(4_096)).toEqual(['-Xmx4096m', '-XX:-UsePerfData', '-XX:+UseG1GC']);
});
