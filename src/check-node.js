// Says in words that Node.js is too old. Plain JavaScript without imports from packages: it must run on any version, before
// anything is loaded that an old one does not have.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const wanted = engines.node.replace('>=', '').split('.').map(Number);
const running = process.versions.node.split('.').map(Number);

if (running[0] < wanted[0] || (running[0] === wanted[0] && running[1] < (wanted[1] ?? 0))) {
  process.stderr.write(
    `Syncline needs Node.js ${wanted.join('.')} or newer; this is ${process.version}.\n` +
      `Syncline 需要 Node.js ${wanted.join('.')} 或更高版本；当前为 ${process.version}。\n`,
  );
  process.exit(1);
}
