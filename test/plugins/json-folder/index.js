// A document target for Syncline: a folder with one JSON file per row.
//
//   <folder>/rows/<digest of the key>/<stamp>.json      the highest stamp is the row; a removed row is a file that says so
//   <folder>/ledger/<number>.json                       the highest number is the ledger; it is made by one link, which only one can make
import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { config, defineDocumentTarget, text } from 'syncline/connector';

/** Rows that are written at a time. */
const AT_ONCE = 32;

const pad = (number) => String(number).padStart(16, '0');

async function list(folder) {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith('.json')).sort();
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/** The text of the newest file; null: there is none. One that goes meanwhile has a newer one behind it. */
async function newest(folder) {
  for (;;) {
    const name = (await list(folder)).at(-1);
    if (name === undefined) return null;
    try {
      return { name, text: await readFile(join(folder, name), 'utf8') };
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
}

export class JsonFolder {
  #ledger;
  #rows;
  #fields = [];

  constructor(folder) {
    this.#ledger = join(folder, 'ledger');
    this.#rows = join(folder, 'rows');
  }

  async load() {
    const found = await newest(this.#ledger);
    return found === null ? null : { ledger: found.text, version: found.name };
  }

  async compareAndSet(from, ledger) {
    await mkdir(this.#ledger, { recursive: true });
    const number = from === null ? 1 : Number.parseInt(from, 10) + 1;
    const [aside, path] = [
      join(this.#ledger, `${randomUUID()}.tmp`),
      join(this.#ledger, `${pad(number)}.json`),
    ];
    await writeFile(aside, ledger, { flush: true });
    try {
      await link(aside, path);
    } catch (error) {
      if (error.code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(aside, { force: true });
    }
    // Long ago this one may have been there and removed: then a newer one is.
    if ((await list(this.#ledger)).at(-1) !== `${pad(number)}.json`) {
      await rm(path, { force: true });
      return false;
    }
    for (const old of await list(this.#ledger))
      if (Number.parseInt(old, 10) < number - 1) await rm(join(this.#ledger, old), { force: true });
    return true;
  }

  async prepare(schema, foresee) {
    if (!foresee) await mkdir(this.#rows, { recursive: true });
    this.#fields = schema.fields.map(({ name }) => name);
    return { notes: [{ en: 'a file for each row', zh: '每行一个文件' }], doubts: [] };
  }

  async writeRows(rows, stamp) {
    // Of rows of one key the last one counts.
    const last = [...new Map(rows.map(({ key, values }) => [this.#folderOf(key), values]))];
    for (let at = 0; at < last.length; at += AT_ONCE)
      await Promise.all(last.slice(at, at + AT_ONCE).map((row) => this.#writeRow(row, `${pad(stamp)}.json`)));
  }

  async #writeRow([folder, values], name) {
    await mkdir(folder, { recursive: true });
    const aside = join(folder, `${randomUUID()}.tmp`);
    await writeFile(aside, JSON.stringify(this.#toRow(values)), { flush: true });
    await rename(aside, join(folder, name));
    for (const old of await list(folder)) if (old < name) await rm(join(folder, old), { force: true });
  }

  async readRow(key) {
    const found = await newest(this.#folderOf(key));
    const row = found === null ? null : JSON.parse(found.text);
    return row === null ? null : this.#fields.map((name) => fromJson(row[name] ?? null));
  }

  async isEmpty() {
    const folders = await readdir(this.#rows).catch(() => []);
    for (const folder of folders) {
      const found = await newest(join(this.#rows, folder));
      if (found !== null && found.text !== 'null') return false;
    }
    return true;
  }

  close() {
    return Promise.resolve();
  }

  /** By the names of its fields; null: it was removed. */
  #toRow(values) {
    if (values === null) return null;
    return Object.fromEntries(this.#fields.map((name, at) => [name, toJson(values[at])]));
  }

  #folderOf(key) {
    const digest = createHash('sha256').update(JSON.stringify(key.map(toJson)));
    return join(this.#rows, digest.digest('hex'));
  }
}

function toJson(value) {
  return Buffer.isBuffer(value) ? { base64: value.toString('base64') } : value;
}

function fromJson(value) {
  return typeof value === 'object' && value !== null ? Buffer.from(value.base64, 'base64') : value;
}

export default defineDocumentTarget({
  className: 'example.JsonFolder',
  version: '1.0.0',
  config: config({
    folder: text('json.folder', { importance: 'HIGH', doc: { en: 'The folder.', zh: '文件夹。' } }),
  }),
  place: ({ folder }) => [folder],
  open: ({ folder }) => new JsonFolder(folder),
});
