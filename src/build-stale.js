// Builds dist/ when a source is newer than it, then runs the given program from there: `node src/build-stale.js main start …`.
// Plain JavaScript, as it must run before anything is built. Types are not checked here (npm run check does): 2 s, not 20.
import './check-node.js';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = [
  'src',
  'scheduler',
  'executors',
  'connectors',
  'migrations',
  'tsconfig.json',
  'tsconfig.build.json',
];
const dist = join(root, 'dist');
const stamp = join(dist, '.built');

/** Newest change below a path, ms; folders count too, so that a deleted file is seen. */
function newest(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const names = readdirSync(path, { withFileTypes: true }).filter(
    (each) => each.isDirectory() || /\.(ts|js)$/.test(each.name),
  );
  return Math.max(found.mtimeMs, ...names.map((each) => newest(join(path, each.name))));
}

export function buildStale() {
  const changed = Math.max(...sources.map((path) => newest(join(root, path))));
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= changed) return;
  process.stderr.write(
    'building dist/, as sources changed: some seconds …\n源代码有变化，正在构建 dist/：需要几秒 …\n',
  );
  // Built aside and renamed: two processes that build at once both end with a whole dist.
  const aside = join(root, `dist.${process.pid}`);
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--noCheck', '--outDir', aside];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, '.built'), '');
  const old = join(root, `dist.${process.pid}.old`);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(aside, dist);
  rmSync(old, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildStale();
  const [program, ...args] = process.argv.slice(2);
  if (program !== undefined) {
    const entry = join(dist, 'src', `${program}.js`);
    process.argv = [process.argv[0], entry, ...args];
    await import(pathToFileURL(entry).href);
  }
}
