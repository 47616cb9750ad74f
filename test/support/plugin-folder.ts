// A folder in which Syncline is started, with npm packages of connectors in it.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface PluginFolder {
  readonly path: string;
  /** Each packed by `npm pack`, and installed from its archive, as it would come from a registry. */
  install(...sources: readonly string[]): Promise<void>;
  /** A package of these files, laid where npm would put it. */
  write(name: string, files: Readonly<Record<string, string>>): Promise<void>;
  remove(): Promise<void>;
}

export async function makePluginFolder(): Promise<PluginFolder> {
  const path = await mkdtemp(join(tmpdir(), 'syncline-plugins-'));
  await writeFile(join(path, 'package.json'), '{ "private": true, "type": "module" }');
  const npm = (args: readonly string[], cwd: string) =>
    run('npm', [...args, '--offline', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd });
  return {
    path,
    install: async (...sources) => {
      await Promise.all(sources.map((source) => npm(['pack', '--pack-destination', path], resolve(source))));
      const archives = (await readdir(path)).filter((name) => name.endsWith('.tgz'));
      await npm(['install', ...archives.map((name) => join(path, name))], path);
    },
    write: async (name, files) => {
      const folder = join(path, 'node_modules', name);
      await mkdir(folder, { recursive: true });
      for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
