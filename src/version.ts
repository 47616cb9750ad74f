// The version of this installation, from package.json: beside src, or beside dist after a build.
import { existsSync, readFileSync } from 'node:fs';

const places = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url));
const found = places.find((place) => existsSync(place));

export const version =
  found === undefined ? 'unknown' : (JSON.parse(readFileSync(found, 'utf8')) as { version: string }).version;
