// The jar cache, with a Maven that is a few lines of shell.
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchJars, jarFolder } from '../../src/stack/maven-jars.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'syncline-jars-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

function useMaven(script: string): void {
  writeFileSync(join(home, 'mvn'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(home, 'mvn'), 0o755);
  vi.stubEnv('PATH', `${home}:${process.env['PATH'] ?? ''}`);
}

const request = (pom: string) => ({
  pom,
  cacheDir: join(home, 'cache'),
  signal: new AbortController().signal,
  progress: () => undefined,
});

test('two starts at once run Maven once and get the same folder, a third finds it', async () => {
  useMaven(`echo run >>${home}/runs; sleep 0.2; mkdir lib; echo jar >lib/a.jar`);
  const folder = jarFolder('<p/>', join(home, 'cache'));
  const both = await Promise.all([fetchJars(request('<p/>')), fetchJars(request('<p/>'))]);
  expect(both).toEqual([folder, folder]);
  expect(await fetchJars(request('<p/>'))).toBe(folder);
  expect(readdirSync(folder)).toEqual(['a.jar']);
  expect(readFileSync(join(home, 'runs'), 'utf8')).toBe('run\n');
});

test('another pom has another folder', () => {
  expect(jarFolder('<p/>', '/c')).not.toBe(jarFolder('<q/>', '/c'));
});

test("a failed download leaves nothing in the cache and shows Maven's words", async () => {
  useMaven('mkdir lib; echo half >lib/a.jar; echo "no such artifact"; exit 3');
  await expect(fetchJars(request('<p/>'))).rejects.toThrow(/ended with 3:\nno such artifact/);
  expect(existsSync(jarFolder('<p/>', join(home, 'cache')))).toBe(false);
  expect(readdirSync(join(home, 'cache', 'jars'))).toEqual([]);
});

test('the lock of a process that died does not hold', async () => {
  useMaven('mkdir lib; echo jar >lib/a.jar');
  await fetchJars(request('<first/>'));
  const dead = { bootId: 'another boot', pid: 1, startTicks: 1 };
  writeFileSync(join(home, 'cache', 'jars', 'lock'), JSON.stringify(dead));
  expect(readdirSync(await fetchJars(request('<p/>')))).toEqual(['a.jar']);
});
