// The demo without services: DEMO DOUBLE. The source is a small server in this process that speaks HBase's wire protocol (it is
// not HBase), the log is in memory, the target an SQLite file.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SqliteDatabase } from '../../connectors/sqlite/database.ts';
import type { DemoPlace, PlaceRequest } from './demo-place.ts';
import { startHbaseDouble } from './hbase-double/start-double.ts';
import type { DemoTexts } from './show/texts.ts';
import { readTargetRows } from './orders/target-rows.ts';
import type { TargetPage } from './orders/target-rows.ts';

const targetFile = 'target.db';

export async function openEmbeddedPlace({
  dir,
  onProgress,
  texts,
}: PlaceRequest & { readonly texts: DemoTexts }): Promise<DemoPlace> {
  const files = join(dir, 'files');
  await rm(files, { recursive: true, force: true });
  await mkdir(files, { recursive: true });
  const double = await startHbaseDouble();
  const address = `${double.host}:${double.port}`;
  onProgress(texts.double(address));
  return {
    // The worker reaches files below this folder only.
    settings: { fileRoot: files },
    hbase: { servers: [{ host: double.host, port: double.port }] },
    source: { 'hbase.masters': address },
    sink: (table) => ({
      connector: 'SqliteSinkConnector',
      config: {
        'connection.url': targetFile,
        'table.name.format': table,
        'auto.create': 'true',
      },
    }),
    readTarget: (table) => readSqlite(join(files, targetFile), table),
    close: () => double.close(),
  };
}

async function* readSqlite(path: string, table: string): ReturnType<typeof readTargetRows> {
  const database = await SqliteDatabase.open(path, targetFile);
  try {
    yield* readTargetRows({
      name: `"${table}"`,
      textType: 'TEXT',
      read: (sql, after) => Promise.resolve(database.all(sql, after) as TargetPage),
    });
  } finally {
    database.close();
  }
}
