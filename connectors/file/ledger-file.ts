// The ledger of a target file on the disk, without locks: each version is a file of its own in `<target>.syncline/`.
//
//   commit n+1  = write the new state aside · link it to the name of version n+1 (fails when somebody else did: conflict)
//                 · write its rows into the target at their place · remove the versions before n
//   rows        are part of the version (`tail`) and have their place in the target, so writing them again changes nothing:
//                 whoever reads a version first makes sure that its rows stand in the target. A committed version therefore
//                 means rows in the file, also when its writer died between the two, and a writer that wakes up late writes
//                 only bytes that are there already.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { refuseDatabase } from './refuse-database.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { LedgerDocument } from '../../src/core/ledger/document.ts';
import { toTargetError } from './target-errors.ts';

export interface FileLedger extends LedgerDocument {
  /** Bytes of the target file that are written; null: no row was ever written. */
  length: number | null;
  /** The last rows written: whoever reads the ledger makes sure that they stand in the file. */
  tail: { readonly at: number; readonly base64: string } | null;
}

/** One transaction's view: change `ledger` freely, put rows to be appended into `rows`. */
export interface LedgerDraft {
  readonly ledger: FileLedger;
  /** Bytes that the target file holds before the transaction, whoever wrote them. */
  readonly size: number;
  readonly rows: Buffer[];
  /** What is to be appended goes behind what the file holds now, whatever became of what it held. */
  adopt(): void;
  /** The transaction's rows are the last of their run. */
  endRun(): void;
  /** Throws TARGET_CHANGED when the file does not end where the ledger left it, TARGET_FAILED when another writer is ahead. */
  requireAsLeft(): Promise<void>;
}

export interface LedgerFile {
  /** What was committed, and nothing is done about it; null: nothing was. */
  look(): Promise<FileLedger | null>;
  /** What was committed, and stands in the target by then. */
  read(): Promise<FileLedger>;
  /** What tells the target file from another one put in its place; makes it where it is missing. */
  mark(): Promise<string>;
  /**
   * One transaction. Throws what `work` throws, TARGET_FAILED with retriable=true when another writer committed meanwhile
   * (nothing was written then), TARGET_CHANGED when rows are to be appended and the target file is not as the ledger left it.
   */
  change<T>(work: (draft: LedgerDraft) => Promise<T> | T): Promise<T>;
}

interface Version {
  readonly number: number;
  readonly ledger: FileLedger;
}

export function openLedgerFile(target: string): LedgerFile {
  const folder = `${target}.syncline`;
  /** The version whose rows this process has seen in the target. */
  let applied = 0;

  const load = async (): Promise<Version> => {
    const version = await readNewest(folder);
    if (version.number !== applied) await applyTail(target, version.ledger);
    applied = version.number;
    return version;
  };

  return {
    look: () =>
      named(async () => {
        const { number, ledger } = await readNewest(folder);
        return number === 0 ? null : ledger;
      }),
    read: () => named(async () => (await load()).ledger),
    mark: () => named(() => markOf(target)),
    change: (work) =>
      named(async () => {
        const old = await load();
        const draft = await draftOf(target, old);
        const result = await work(draft);
        if (draft.rows.length > 0 && !(await appendRows(target, draft))) throw await explainSize(folder, old);
        if (JSON.stringify(draft.ledger) === JSON.stringify(old.ledger)) return result;
        const next = { number: old.number + 1, ledger: draft.ledger };
        // The rows of the version before stand in the target by now.
        if (draft.rows.length === 0) next.ledger.tail = null;
        await commit(folder, next);
        if (draft.rows.length > 0) await applyTail(target, next.ledger);
        applied = next.number;
        if (draft.isLast() && next.ledger.tail !== null) applied = await settle(folder, next);
        await removeOld(folder, applied);
        return result;
      }),
  };
}

/**
 * The rows of a run that is over stand in the target: from here on nobody puts them back, so that a file that somebody empties stays so.
 * Where another writer is ahead, that one read the version, and its rows stand there, too.
 */
async function settle(folder: string, { number, ledger }: Version): Promise<number> {
  try {
    await commit(folder, { number: number + 1, ledger: { ...ledger, tail: null } });
    return number + 1;
  } catch (error) {
    if (isOvertaken(error)) return number;
    throw error;
  }
}

async function draftOf(
  target: string,
  old: Version,
): Promise<LedgerDraft & { readonly isLast: () => boolean }> {
  refuseDatabase(target);
  const size = await sizeOf(target);
  const ledger = structuredClone(old.ledger);
  let isLast = false;
  return {
    ledger,
    size,
    rows: [],
    endRun: () => {
      isLast = true;
    },
    isLast: () => isLast,
    adopt: () => {
      if (ledger.length === null || ledger.length === size) return;
      ledger.length = size;
      ledger.tail = null;
    },
    requireAsLeft: async () => {
      if (ledger.length !== null && ledger.length !== (await sizeOf(target)))
        throw await explainSize(`${target}.syncline`, old);
    },
  };
}

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw toTargetError(cause);
  }
}

async function readNewest(folder: string): Promise<Version> {
  for (;;) {
    const number = (await listVersions(folder)).at(-1);
    if (number === undefined) return { number: 0, ledger: { job: null, runs: [], length: null, tail: null } };
    try {
      return { number, ledger: JSON.parse(await readFile(pathOf(folder, number), 'utf8')) as FileLedger };
    } catch (error) {
      // Removed between the two looks: there is a newer one.
      if (!isMissing(error)) throw error;
    }
  }
}

async function listVersions(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names
    .flatMap((name) => /^ledger-(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Gives the rows their place behind what is written; false: the file does not end there. */
async function appendRows(target: string, { ledger, rows }: LedgerDraft): Promise<boolean> {
  const size = await sizeOf(target);
  const at = ledger.length ?? size;
  if (size !== at) return false;
  const bytes = Buffer.concat(rows);
  ledger.tail = { at, base64: bytes.toString('base64') };
  ledger.length = at + bytes.length;
  return true;
}

/** Why the file does not end where version `old` left it: a newer version did it, or nobody who keeps this ledger. */
async function explainSize(folder: string, old: Version): Promise<SyncError> {
  if (((await listVersions(folder)).at(-1) ?? 0) > old.number) return new Overtaken();
  return foreignSize(old.ledger.length ?? 0);
}

function foreignSize(length: number): SyncError {
  return new SyncError('TARGET_CHANGED', {
    message: `appending to the target file: it does not end at byte ${length} as the ledger beside it says; something else wrote to it, cut it or removed it`,
    field: 'file',
  });
}

/** Bytes that the next run would find in the target, and whether it ends where the ledger left it. Changes nothing. */
export async function foreseeSize(
  target: string,
): Promise<{ readonly size: number; readonly isAsLeft: boolean }> {
  const size = await sizeOf(target);
  const { length, tail } = (await readNewest(`${target}.syncline`)).ledger;
  if (length === null || size === length) return { size, isAsLeft: true };
  // Rows that were committed and not written yet are written by whoever comes next.
  if (tail !== null && size >= tail.at && size < length) return { size: length, isAsLeft: true };
  return { size, isAsLeft: false };
}

async function commit(folder: string, { number, ledger }: Version): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const aside = join(folder, `${randomUUID()}.tmp`);
  await writeThrough(aside, Buffer.from(JSON.stringify(ledger)), { at: 0, create: true });
  try {
    await link(aside, pathOf(folder, number));
    // Long ago this version may have existed and been removed: then a newer one is there, and this commit did not happen.
    if ((await listVersions(folder)).at(-1) === number) return;
    await rm(pathOf(folder, number), { force: true });
    throw new Overtaken();
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'EEXIST' ? new Overtaken() : error;
  } finally {
    await rm(aside, { force: true });
  }
}

class Overtaken extends SyncError {
  constructor() {
    super('TARGET_FAILED', {
      message: 'committing to the ledger of the target file: another writer was first',
      retriable: true,
    });
  }
}

/** Did another writer commit first? */
export function isOvertaken(error: unknown): boolean {
  return error instanceof Overtaken;
}

/** Nothing to do where the file is longer: later rows, or somebody else's bytes, stand behind. */
async function applyTail(target: string, { tail, length }: FileLedger): Promise<void> {
  if (tail === null || length === null) return;
  const size = await sizeOf(target);
  if (size >= tail.at && size <= length)
    await writeThrough(target, Buffer.from(tail.base64, 'base64'), { at: tail.at, create: size === 0 });
}

async function writeThrough(
  path: string,
  bytes: Buffer,
  { at, create }: { readonly at: number; readonly create: boolean },
): Promise<void> {
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | (create ? constants.O_CREAT : 0);
  const file = await open(path, flags, 0o640);
  try {
    for (let done = 0; done < bytes.length;)
      done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A file that is replaced, also by a copy of itself, has another number or was born at another time. */
async function markOf(path: string): Promise<string> {
  const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_CREAT, 0o640);
  try {
    const { dev, ino, birthtimeNs } = await file.stat({ bigint: true });
    return `${dev}:${ino}:${birthtimeNs}`;
  } finally {
    await file.close();
  }
}

async function removeOld(folder: string, number: number): Promise<void> {
  for (const old of await listVersions(folder))
    if (old < number - 1) await rm(pathOf(folder, old), { force: true });
}

function pathOf(folder: string, number: number): string {
  return join(folder, `ledger-${number}.json`);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
