// Where stacks and jars are kept: in git-ignored folders of the repository, unless the environment says otherwise.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface StackPlace {
  /** of the stack that `npm run stack` speaks of */
  readonly dir: string;
  /** beside which other stacks may be made */
  readonly stacksDir: string;
  /** of the demo: its stack, and Syncline's own data */
  readonly demoDir: string;
  readonly cacheDir: string;
}

/** Reads SYNCLINE_STACK_DIR, SYNCLINE_DEMO_DIR and SYNCLINE_CACHE_DIR. */
export function findStackPlace(env: NodeJS.ProcessEnv): StackPlace {
  const root = packageRoot(import.meta.dirname);
  const stacksDir = join(root, '.stack');
  return {
    dir: resolve(env['SYNCLINE_STACK_DIR'] ?? join(stacksDir, 'default')),
    stacksDir,
    demoDir: resolve(env['SYNCLINE_DEMO_DIR'] ?? join(stacksDir, 'demo')),
    cacheDir: resolve(env['SYNCLINE_CACHE_DIR'] ?? join(root, '.cache')),
  };
}

function packageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? process.cwd() : packageRoot(parent);
}
