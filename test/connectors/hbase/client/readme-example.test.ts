// The README's example of the HBase client runs as printed, in both languages.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startHbaseDouble } from '../../../../src/demo/hbase-double/start-double.ts';

const root = resolve(import.meta.dirname, '../../../..');
const example = (readme: string): string =>
  /```ts\n(import \{ HBaseClient[\s\S]*?)```/.exec(readFileSync(join(root, readme), 'utf8'))?.[1] ?? '';

it("the README's example of the HBase client runs as printed", async () => {
  const printed = example('connectors/hbase/README.md');
  expect(example('connectors/hbase/README.zh-CN.md')).toBe(printed);
  const folder = mkdtempSync(join(tmpdir(), 'hbase-example-'));
  const double = await startHbaseDouble();
  try {
    const place = `{ servers: [{ host: '${double.host}', port: ${double.port} }] }`;
    const code = printed
      .replace("'./connectors/", `'${root}/connectors/`)
      .replace(/\{ zookeeper: \{[^}]*\}\] \} \}/, place);
    expect(code).toContain(place);
    const file = join(folder, 'example.mts');
    writeFileSync(file, code);
    const tsx = import.meta.resolve('tsx');
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, file]);
    const said = [...printed.matchAll(/console\.log\(.*\); \/\/ (.*)\n/g)].map(([, text]) => text);
    expect(stdout.trim().split('\n')).toEqual(said);
    expect(said).toHaveLength(2);
  } finally {
    await double.close();
    rmSync(folder, { recursive: true });
  }
}, 60_000);
