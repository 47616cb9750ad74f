// Where a program of the machine is, and which ones a stack lacks.
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

// Servers live in sbin folders, which an ordinary user's PATH leaves out.
const serverFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/libexec'];
const postgresqlRoot = '/usr/lib/postgresql';

/** Full path of a program, or undefined. */
export function findTool(name: string): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return [...path, ...serverFolders, ...postgresqlFolders()]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** Full path of a program that was looked for before; throws when it is gone. */
export function requireTool(name: string): string {
  const path = findTool(name);
  if (path === undefined)
    throw new Error(`${name} is not installed (looked in PATH and ${serverFolders.join(', ')})`);
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// Debian keeps one folder per version and puts none of them on PATH; the newest one first.
function postgresqlFolders(): string[] {
  if (!existsSync(postgresqlRoot)) return [];
  const versions = readdirSync(postgresqlRoot).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(postgresqlRoot, version, 'bin'));
}
