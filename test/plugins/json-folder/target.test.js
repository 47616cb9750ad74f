// The checks that every document target must pass, on folders of their own.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { documentTargetChecks } from 'syncline/conformance';
import plugin, { JsonFolder } from '@example/json-folder';

async function openBed() {
  const place = await mkdtemp(join(tmpdir(), 'json-folder-'));
  const folderOf = (name) => join(place, name);
  return {
    plugin,
    configOf: (name, more = {}) => ({ 'json.folder': folderOf(name), ...more }),
    openPlace: (name) => new JsonFolder(folderOf(name)),
    readRows: async (name, columns, bytes = []) => {
      const files = await list(join(folderOf(name), 'rows'));
      // Of a row's files the last one is the row.
      const newest = new Map(files.sort().map((file) => [file.split('/')[0], file]));
      const texts = [...newest.values()].map((file) => readFile(join(folderOf(name), 'rows', file), 'utf8'));
      const rows = (await Promise.all(texts)).map((text) => JSON.parse(text)).filter((row) => row !== null);
      const cell = (value, isBytes) => (isBytes ? hexOf(value) : value);
      return rows
        .map((row) => columns.map((column) => cell(row[column] ?? null, bytes.includes(column))))
        .sort(([a], [b]) => compare(a, b));
    },
    footprint: async () => {
      const files = (await list(place)).sort();
      return Promise.all(files.map(async (file) => [file, await readFile(join(place, file), 'utf8')]));
    },
    close: () => rm(place, { recursive: true, force: true }),
  };
}

async function list(folder) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((each) => each.isFile());
  return files.map(({ parentPath, path, name }) => join(parentPath ?? path, name).slice(folder.length + 1));
}

const hexOf = (value) =>
  value === null ? null : Buffer.from(value.base64, 'base64').toString('hex').toUpperCase();

/** Numbers by their size, texts by their bytes. */
function compare(a, b) {
  const isNumber = /^-?\d+$/;
  if (isNumber.test(a) && isNumber.test(b)) return BigInt(a) < BigInt(b) ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

for (const { name, run } of documentTargetChecks(openBed)) test(name, run);
