// Jars by Maven, kept in a cache folder under the hash of their pom, so that a start downloads nothing twice.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { requireTool } from './find-tool.ts';
import { runCommand } from './run-command.ts';

export interface JarRequest {
  readonly pom: string;
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

const copyGoal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
const progressEveryMs = 2_000;

/** Folder of the jars; it exists only when all of them are in it. */
export function jarFolder(pom: string, cacheDir: string): string {
  const hash = createHash('sha256').update(pom).digest('hex').slice(0, 16);
  return join(cacheDir, 'jars', hash);
}

/** Returns the folder of the pom's jars, fetching them first where needed. Throws with Maven's last lines. */
export async function fetchJars(request: JarRequest): Promise<string> {
  const folder = jarFolder(request.pom, request.cacheDir);
  if (existsSync(folder)) return folder;
  mkdirSync(join(request.cacheDir, 'jars'), { recursive: true });
  // One Maven at a time: its local repository is not made for two. The rename keeps the cache whole regardless.
  const lock = join(request.cacheDir, 'jars', 'lock');
  const onWait = (pid: number) => request.progress(`waiting for the downloads of process ${pid}`);
  await withFileLock(lock, { signal: request.signal, onWait }, async () => {
    if (!existsSync(folder)) await download(request, folder);
  });
  return folder;
}

async function download(request: JarRequest, folder: string): Promise<void> {
  const draft = `${folder}.draft`;
  // The lock is ours: what is there was left by a start that was killed.
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  try {
    writeFileSync(join(draft, 'pom.xml'), request.pom);
    const started = performance.now();
    request.progress('downloading jars by Maven (first start only)');
    await runCommand({
      program: requireTool('mvn'),
      args: ['-B', copyGoal, '-DoutputDirectory=lib', '-DincludeScope=runtime'],
      cwd: draft,
      pidFile: join(draft, 'pid'),
      signal: request.signal,
      onLine: countDownloads(request.progress),
    });
    const jars = readdirSync(join(draft, 'lib')).length;
    request.progress(`${jars} jars fetched in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    renameSync(join(draft, 'lib'), folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function countDownloads(progress: (text: string) => void): (line: string) => void {
  let files = 0;
  let toldAt = performance.now();
  return (line) => {
    const name = /Downloaded from .*\/(\S+\.(?:jar|pom)) /.exec(line)?.[1];
    if (name === undefined) return;
    files += 1;
    if (performance.now() - toldAt < progressEveryMs) return;
    toldAt = performance.now();
    progress(`${files} files downloaded, last ${name}`);
  };
}
