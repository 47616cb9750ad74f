// Small settings of the installation: a name and a text.
import type { Database } from './database.ts';

const table = 'control_setting';

export async function readSetting(database: Database, name: string): Promise<string | null> {
  const row = await database.run(`reading setting ${name}`, (db) =>
    db(table).where({ name }).first<{ value: string } | undefined>('value'),
  );
  return row?.value ?? null;
}

export async function writeSetting(database: Database, name: string, value: string): Promise<void> {
  await database.run(`writing setting ${name}`, (db) =>
    db(table).insert({ name, value }).onConflict('name').merge(['value']),
  );
}

/** The value that stands after this: the first writer's. */
export async function settleSetting(database: Database, name: string, value: string): Promise<string> {
  await database.run(`writing setting ${name}`, (db) =>
    db(table).insert({ name, value }).onConflict('name').ignore(),
  );
  return (await readSetting(database, name)) ?? value;
}
