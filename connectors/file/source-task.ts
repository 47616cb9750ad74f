// Reads a text file once, from its start to the size it had when the run was planned. A split is the whole file.
import { counted } from '../../src/core/text.ts';
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { RowOutput, SourcePlan, SourceTask } from '../../src/core/connector/contract.ts';
import { dataTopic } from '../../src/core/record/data-topic.ts';
import { refuseDatabase } from './refuse-database.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import { ByteWriter } from '../../src/core/record/row-format.ts';
import type { Predicted } from '../../src/core/status.ts';
import type { FileSourceConfig } from './config.ts';

/** JSON of a split. The inode tells a file from another one put in its place. */
interface FileSplit {
  readonly size: number;
  readonly inode: number;
}

export const schema: RowSchema = {
  fields: [{ name: 'line', type: { kind: 'string', length: 0 }, optional: false }],
  key: [],
};

const CHUNK_BYTES = 262_144;
/** No topic takes a longer one. */
const LONGEST_LINE_BYTES = dataTopic.maxBatchBytes;
const SHOWN_BYTES = 256;
const LF = 0x0a;
const CR = 0x0d;
const noKey = new Uint8Array(0);

export function openFileSourceTask(
  path: string,
  { batchRows: batch }: Pick<FileSourceConfig, 'batchRows'>,
): SourceTask {
  return {
    concurrency: 1,
    plan: async ({ mode }) => {
      if (mode === 'incremental')
        throw new SyncError('NOT_YET', { message: 'planning the file source: it can only be read in full' });
      return withFile(path, planFile);
    },
    readSplit: ({ split, out, signal }) =>
      withFile(path, (file) =>
        readLines({ file, split: JSON.parse(split) as FileSplit, out, signal, batch }),
      ),
    close: () => Promise.resolve(),
  };
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  refuseDatabase(path);
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    throw new SyncError('BAD_INPUT', { message: 'opening the source file', cause, field: 'file' });
  }
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

async function planFile(file: FileHandle): Promise<SourcePlan> {
  const { size, ino } = await file.stat();
  const split: FileSplit = { size, inode: ino };
  return {
    // A file has no clock, so the job gets no watermark.
    window: { from: null, to: null },
    schema,
    predicted: await predictLines(file, size),
    shared: '',
    splits: [JSON.stringify(split)],
    notes: [
      {
        en: `the file had ${counted(size, 'byte')} when it was planned`,
        zh: `制定读取计划时文件有 ${size} 字节`,
      },
      {
        en: 'deletes not followed: lines that are gone from the file stay in the target',
        zh: '不跟随删除：文件中已消失的行仍留在目标中',
      },
    ],
    doubts: [],
  };
}

/** Exact for a file of one chunk, else from the lines of its first one. */
async function predictLines(file: FileHandle, size: number): Promise<Predicted> {
  const sample = Buffer.allocUnsafe(Math.min(size, CHUNK_BYTES));
  const { bytesRead } = await file.read(sample, 0, sample.length, 0);
  const seen = sample.subarray(0, bytesRead);
  let lines = 0;
  for (let at = seen.indexOf(LF); at >= 0; at = seen.indexOf(LF, at + 1)) lines += 1;
  if (bytesRead >= size)
    return { rows: lines + (bytesRead > 0 && seen[bytesRead - 1] !== LF ? 1 : 0), exact: true };
  return { rows: Math.max(1, Math.round((lines / bytesRead) * size)), exact: false };
}

interface LineReading {
  readonly file: FileHandle;
  readonly split: FileSplit;
  readonly out: RowOutput;
  readonly signal: AbortSignal;
  readonly batch: number;
}

async function readLines({ file, split, out, signal, batch }: LineReading): Promise<void> {
  if ((await file.stat()).ino !== split.inode) throw changed('another file lies in its place');
  const lines = createLineWriter(out);
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let waiting = 0;
  for (let at = 0; at < split.size;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, split.size - at), at);
    if (bytesRead === 0) throw changed(`it has ${counted(at, 'byte')} now, and had ${split.size}`);
    at += bytesRead;
    const read = chunk.subarray(0, bytesRead);
    let from = 0;
    for (let end = read.indexOf(LF); end >= 0; end = read.indexOf(LF, from)) {
      lines.end(read.subarray(from, end));
      from = end + 1;
      waiting += 1;
      if (waiting < batch) continue;
      await out.drained();
      waiting = 0;
    }
    lines.add(read.subarray(from));
  }
  lines.finish();
  await out.drained();
}

function changed(what: string): SyncError {
  return new SyncError('BAD_INPUT', {
    message: `reading the file during a run: ${what}`,
    field: 'file',
    retriable: true,
  });
}

/** Puts lines together that reach over chunks, and gives each to `out`. */
function createLineWriter(out: RowOutput): {
  add(part: Buffer): void;
  end(part: Buffer): void;
  finish(): void;
} {
  const row = new ByteWriter();
  let open: Buffer[] = [];
  let number = 0;

  const write = (line: Buffer): void => {
    number += 1;
    const text = line.at(-1) === CR ? line.subarray(0, -1) : line;
    const reason =
      text.length > LONGEST_LINE_BYTES
        ? `the line has ${text.length} bytes, more than ${LONGEST_LINE_BYTES}`
        : isUtf8(text)
          ? null
          : 'the line is not UTF-8';
    if (reason !== null) {
      const bytesHex = text.subarray(0, SHOWN_BYTES).toString('hex');
      out.dirty(noKey, { key: `line ${number}`, field: 'line', reason, bytesHex });
      return;
    }
    row.length = 0;
    row.writeEscaped(text);
    out.row(row.bytes, 0, row.length);
  };
  const end = (part: Buffer): void => {
    const line = open.length === 0 ? part : Buffer.concat([...open, part]);
    open = [];
    write(line);
  };
  return {
    add: (part) => {
      // Copied: the chunk is read into again.
      if (part.length > 0) open.push(Buffer.from(part));
    },
    end,
    finish: () => {
      if (open.length > 0) end(Buffer.alloc(0));
    },
  };
}
