// Targets as authors write them, by defineDocumentTarget and defineSqlTarget, of which one part throws, never answers or tells what is not
// so: a run into them fails in words, or is complete and says that it is not proved. It never hangs, and is never proved.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardPlugin } from '../../../connectors/packages/guard-plugin.ts';
import { defineSqlTarget } from '../../../connectors/sql/target/define-sql-target.ts';
import type { SqlSession } from '../../../connectors/sql/target/session.ts';
import { sqliteTarget } from '../../../connectors/sqlite/sink-connector.ts';
import type { SqliteSession } from '../../../connectors/sqlite/session.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { config } from '../../../src/core/connector/config.ts';
import type { SinkPlugin } from '../../../src/core/connector/contract.ts';
import {
  defineDocumentTarget,
  type DocumentPlace,
} from '../../../src/core/connector/document/define-document-target.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { runSinkTask } from '../../../src/worker/sink/sink-task.ts';
import { createTaskBed } from '../../support/task-bed.ts';
import { wholeRun } from '../../support/whole-run.ts';

const forever = new Promise<never>(() => undefined);
const never = () => forever;
/** What ends a run anyway: that it takes too long does, too. */
const impatient = { answerWithinMs: 1_000 };
/** Who never answers need not be waited for; all others have their time. */
const patience = (act: unknown) => ({ answerWithinMs: act === never ? 50 : 60_000 });
const boom = (): never => {
  throw new TypeError('boom');
};
const say = (value: unknown) => () => Promise.resolve(value as never);

/** How a run ends; `honest`: the same target without lies, which its ledger is read by. */
async function endOf(
  made: SinkPlugin,
  honest: SinkPlugin,
  { splits = 2, keys = {} }: { splits?: number; keys?: Record<string, string> } = {},
): Promise<string> {
  const plugin = guardPlugin(made, '@acme/x') as SinkPlugin;
  const flat = { topics: 't', 'pkuse.task.id': 'run-1', 'retry.ms': '1', ...keys };
  const bed = createTaskBed({ log: await wholeRun(systemClock, splits), clock: systemClock, config: flat });
  try {
    await runSinkTask(plugin, bed.context);
  } catch (error) {
    expect(error).toBeInstanceOf(SyncError);
    const { code, message } = error as SyncError;
    expect(code).toMatch(/^(PLUGIN_FAULT|TARGET_.*|FENCED|INCOMPLETE|DIRTY_LIMIT)$/);
    // Whoever is not known to have done it is named.
    if (code === 'PLUGIN_FAULT') expect(message).toContain('@acme/x');
    return 'failed';
  }
  const ledger = await honest.openLedger(flat);
  const run = await ledger.readRun('connect:c', 'run-1').finally(() => ledger.close());
  return run?.state === 'complete' && run.doubts.length === 0 ? 'proved' : 'not proved';
}

/** A place in memory, which keeps the contract. */
function createPlace(): { readonly open: () => DocumentPlace } {
  let kept: { ledger: string; version: string } | null = null;
  let versions = 0;
  const rows = new Map<string, { stamp: number; values: readonly (string | Buffer | null)[] | null }>();
  const textOf = (key: readonly unknown[]): string => JSON.stringify(key);
  return {
    open: () => ({
      load: () => Promise.resolve(kept),
      compareAndSet: (from, ledger) => {
        if ((kept?.version ?? null) !== from) return Promise.resolve(false);
        versions += 1;
        kept = { ledger, version: String(versions) };
        return Promise.resolve(true);
      },
      prepare: () => Promise.resolve({ notes: [], doubts: [] }),
      writeRows: (written, stamp) => {
        for (const { key, values } of written)
          if ((rows.get(textOf(key))?.stamp ?? 0) <= stamp) rows.set(textOf(key), { stamp, values });
        return Promise.resolve();
      },
      readRow: (key) => Promise.resolve(rows.get(textOf(key))?.values ?? null),
      isEmpty: () => Promise.resolve([...rows.values()].every(({ values }) => values === null)),
      close: () => Promise.resolve(),
    }),
  };
}

function documentTarget(
  open: () => DocumentPlace | Promise<DocumentPlace>,
  patient = patience(null),
): SinkPlugin {
  return defineDocumentTarget({
    className: 'acme.Documents',
    version: '1',
    config: config({}),
    ...patient,
    place: () => ['here'],
    open,
  });
}

describe('a document target', () => {
  const run = (
    change: (place: DocumentPlace) => Partial<DocumentPlace>,
    patient = patience(null),
    splits = 2,
  ): Promise<string> => {
    const { open } = createPlace();
    const lying = documentTarget(() => ({ ...open(), ...change(open()) }), patient);
    return endOf(lying, documentTarget(open), { splits });
  };

  it('that keeps the contract is proved', async () => {
    for (const splits of [1, 2]) expect(await run(() => ({}), patience(null), splits)).toBe('proved');
  });

  it.each(['load', 'compareAndSet', 'prepare', 'writeRows', 'readRow', 'isEmpty'] as const)(
    'whose %s throws, never answers, or answers nothing or nonsense',
    async (method) => {
      for (const act of [boom, never])
        expect([method, await run(() => ({ [method]: act }), patience(act))]).toEqual([method, 'failed']);
      for (const act of [say(undefined), say(7), say({}), () => 7 as never])
        expect([method, await run(() => ({ [method]: act }))]).not.toEqual([method, 'proved']);
    },
  );

  it.each([
    ['keeps no ledger, and says that it does', () => ({ compareAndSet: say(true) })],
    [
      'keeps every ledger, whichever was there',
      (place: DocumentPlace) => ({
        compareAndSet: async (_: string | null, ledger: string) => {
          const now = await place.load();
          return place.compareAndSet(now?.version ?? null, ledger).then(() => false);
        },
      }),
    ],
    ['never keeps one', () => ({ compareAndSet: say(false) })],
    ['has forgotten its ledger each time it is asked', () => ({ load: say(null) })],
    ['gives a ledger that is none', () => ({ load: say({ ledger: '{', version: '1' }) })],
    ['writes nothing', () => ({ writeRows: say(undefined) })],
    [
      'writes the first row only',
      (place: DocumentPlace) => ({
        writeRows: (rows: Parameters<DocumentPlace['writeRows']>[0], stamp: number) =>
          place.writeRows(rows.slice(0, 1), stamp),
      }),
    ],
    [
      'writes other values',
      (place: DocumentPlace) => ({
        writeRows: (rows: Parameters<DocumentPlace['writeRows']>[0], stamp: number) =>
          place.writeRows(
            rows.map(({ key, values }) => ({ key, values: values?.map(() => 'x') ?? null })),
            stamp,
          ),
      }),
    ],
    ['reads other values back', () => ({ readRow: say(['other', 'values']) })],
  ] as const)('that %s is not proved', async (_, change) => {
    for (const splits of [1, 2])
      expect(
        await run(change as (place: DocumentPlace) => Partial<DocumentPlace>, impatient, splits),
      ).not.toBe('proved');
  });

  it.each([
    ['throws', boom],
    ['never opens', never],
    ['opens nothing', say(null)],
    ['opens nonsense', say({})],
  ])('that %s fails', async (_, open) => {
    expect(await endOf(documentTarget(open, patience(open)), documentTarget(createPlace().open))).toBe(
      'failed',
    );
  });
});

describe('an SQL target', () => {
  let root: string;
  let files = 0;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'syncline-lies-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  type Target = ReturnType<typeof sqliteTarget>;
  const run = (
    change: (target: Target) => Partial<Target>,
    patient = patience(null),
    splits = 2,
  ): Promise<string> => {
    files += 1;
    const honest = sqliteTarget(root);
    const keys = {
      'connection.url': `jdbc:sqlite:target${files}.db`,
      'table.name.format': 'copy',
      'auto.create': 'true',
    };
    const lying = defineSqlTarget({ ...honest, ...patient, ...change(honest) });
    return endOf(lying, defineSqlTarget(honest), { keys, splits });
  };
  const session = (
    change: (session: SqliteSession) => Partial<SqlSession>,
    patient = patience(null),
    splits = 2,
  ): Promise<string> =>
    run(
      (target) => ({
        connect: async (...opening) => {
          const made = await target.connect(...opening);
          const lies = change(made);
          return new Proxy(made, {
            get: (of, name) => {
              const found = Reflect.get(Object.hasOwn(lies, name) ? lies : of, name) as unknown;
              return typeof found === 'function' ? (found.bind(of) as unknown) : found;
            },
          });
        },
      }),
      patient,
      splits,
    );

  it('that keeps the contract is proved', async () => {
    for (const splits of [1, 2]) expect(await run(() => ({}), patience(null), splits)).toBe('proved');
  });

  it.each(['begin', 'commit', 'command', 'read', 'change'] as const)(
    'whose %s throws, never answers, or answers nothing or nonsense',
    async (method) => {
      // What answers nothing has nothing to say.
      const wrong = ['begin', 'commit', 'command'].includes(method)
        ? [boom, never]
        : [boom, never, say(undefined), say('x'), say([])];
      for (const [at, act] of wrong.entries())
        expect([method, at, await session(() => ({ [method]: act }), patience(act))]).toEqual([
          method,
          at,
          'failed',
        ]);
    },
  );

  it.each([
    ['begins no transaction', () => ({ begin: say(undefined) })],
    ['commits nothing', () => ({ commit: say(undefined) })],
    ['rolls back where it should commit', (made: SqliteSession) => ({ commit: () => made.rollback() })],
    ['runs no statement', () => ({ command: say(undefined) })],
    ['changes nothing, and says that it did', () => ({ change: say(1) })],
    [
      'says that nothing was changed',
      (made: SqliteSession) => ({
        change: async (...asked: Parameters<SqlSession['change']>) => {
          await made.change(...asked);
          return 0;
        },
      }),
    ],
    ['finds nothing ever', () => ({ read: say([]) })],
  ] as const)('whose session %s is not proved', async (_, change) => {
    for (const splits of [1, 2])
      expect(
        await session(change as (made: SqliteSession) => Partial<SqlSession>, impatient, splits),
      ).not.toBe('proved');
  });

  it.each(['describeTable', 'fits', 'keyColumn', 'nameInLedger', 'markTable', 'chooseWriter'] as const)(
    'whose %s throws, or never answers',
    async (part) => {
      for (const act of [boom, never])
        expect([part, await run(() => ({ [part]: act }), patience(act))]).toEqual([part, 'failed']);
    },
  );

  it.each([
    ['writes nothing', say([])],
    ['writes nothing, and refuses what was not sent', say([{ index: 12 }])],
    ['never writes', never],
  ] as const)('whose writer %s is not proved', async (_, writeRows) => {
    for (const splits of [1, 2])
      expect(
        await run(() => ({ chooseWriter: () => ({ writeRows }) }), patience(writeRows), splits),
      ).not.toBe('proved');
  });
});
