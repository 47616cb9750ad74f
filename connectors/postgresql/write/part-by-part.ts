// Writes rows in one statement; what the target refuses is taken out, and the rest written in parts.
//
//   all ──no complaint──► done
//    └─ a complaint ─► undone; without the row that it names, or halved ─► … ─► the single row
import { attemptWrite, type Complaint } from './attempt-write.ts';
import type { CopyRows } from './copy-rows.ts';
import type { PostgresPlan } from './plan.ts';
import type { PostgresSession } from '../session/session.ts';
import type { Part } from './staging.ts';

export interface PartWork {
  readonly plan: PostgresPlan;
  readonly rows: CopyRows;
  /** Writes a part; what it finds wrong with it although the server is content, or null. */
  readonly act: (part: Part) => Promise<string | null>;
}

/** The refusals by the rows' index in the batch; all other rows are written. */
export async function writeParts(
  session: PostgresSession,
  work: PartWork,
): Promise<readonly (readonly [number, Complaint])[]> {
  const writer = new PartWriter(session, work);
  await writer.write(0, work.rows.count);
  return writer.refused;
}

class PartWriter {
  readonly refused: (readonly [number, Complaint])[] = [];
  readonly #session: PostgresSession;
  readonly #work: PartWork;

  constructor(session: PostgresSession, work: PartWork) {
    this.#session = session;
    this.#work = work;
  }

  async write(from: number, to: number): Promise<void> {
    if (from === to) return;
    const { plan, rows, act } = this.#work;
    const part = { bytes: rows.bytes(from, to), rows: to - from };
    const complaint = await attemptWrite(this.#session, plan, () => act(part));
    if (complaint === null) return;
    const bad = badRow(complaint, from, to);
    if (bad === null) await this.#writeHalves(from, to);
    else {
      this.refused.push([rows.indexOf(bad), complaint]);
      await this.write(from, bad);
      await this.#writeHalves(bad + 1, to);
    }
  }

  /** Where one row is bad others may be: to attempt all of the rest at once would send it again for each of them. */
  async #writeHalves(from: number, to: number): Promise<void> {
    const middle = Math.ceil((from + to) / 2);
    await this.write(from, middle);
    await this.write(middle, to);
  }
}

/** null: nobody said which. */
function badRow({ line }: Complaint, from: number, to: number): number | null {
  if (to - from === 1) return from;
  const named = line === null ? -1 : from + line - 1;
  return named >= from && named < to ? named : null;
}
