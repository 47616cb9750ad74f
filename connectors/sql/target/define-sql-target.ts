// How an author writes an SQL target: a session, a dialect, what a table looks like and which column keeps which values. The ledger, the
// fence, positions, splits, dirty rows, completion and removals are over that, and the same for all.
import type { Config } from '../../../src/core/connector/config.ts';
import type { SinkPlugin } from '../../../src/core/connector/contract.ts';
import { defineSink, requireParts } from '../../../src/core/connector/define.ts';
import { tableSinkKeys } from '../../../src/core/connector/table-sink-config.ts';
import { fullOnly } from './aside/full-only.ts';
import { checkTarget } from './check-connection.ts';
import { completeTarget } from './complete-target.ts';
import { openSqlLedger } from './ledger.ts';
import type { SqlSession } from './session.ts';
import type { OwnSqlConfig, SqlTargetDefinition } from './sql-target.ts';
import { openSqlStore } from './store.ts';
import { refuseKept } from './write/may-delete.ts';
import type { Column, TableShape } from './table-shape.ts';

const needed: readonly (keyof SqlTargetDefinition<OwnSqlConfig, SqlSession, TableShape<Column>>)[] = [
  'place',
  'connect',
  'describeTable',
  'typeOf',
  'fits',
];

/** Throws TypeError for a definition of which a part is missing, or that says of no way to write rows. */
export function defineSqlTarget<O extends OwnSqlConfig, S extends SqlSession, T extends TableShape<Column>>(
  definition: SqlTargetDefinition<O, S, T>,
): SinkPlugin {
  requireParts(`defineSqlTarget of ${definition.className}`, definition, needed);
  requireParts(`the dialect of ${definition.className}`, definition.dialect, ['quote', 'parameter']);
  const target = completeTarget(definition);
  const { className, aliases, version, config, hosts, answerWithinMs, batchRows, checks = {} } = definition;
  return defineSink<O>({
    className,
    version,
    config: definition.aside === undefined ? withoutAside(config) : config,
    fullOnly,
    refuseDeletes: refuseKept,
    ...(aliases && { aliases }),
    ...(hosts && { hosts }),
    ...(answerWithinMs && { answerWithinMs }),
    ...(batchRows && { batchRows }),
    identity: (whole) => {
      const { keyMode, keyFields, insertMode } = whole;
      const key = keyMode === 'none' ? null : [...keyFields].sort();
      return JSON.stringify({ kind: className, place: definition.place(whole), key, insertMode });
    },
    testConnection: (whole, signal, rows) =>
      checkTarget(target, checks, {
        config: whole,
        signal,
        rows,
        open: (definition.openToLook ?? definition.connect).bind(definition),
      }),
    openLedger: (whole) => Promise.resolve(openSqlLedger(target, whole)),
    openStore: (whole, signal) => Promise.resolve(openSqlStore(target, whole, signal)),
  });
}

function withoutAside<O extends OwnSqlConfig>(config: Config<O>): Config<O> {
  return {
    def: config.def,
    read: (flat) => {
      const reading = config.read(flat);
      if ('problems' in reading || !reading.value.loadsAside) return reading;
      const message = '0 is not there for this target: use 1 (keep rows and write to them)';
      return { problems: [{ key: tableSinkKeys.writeMode.def.name, value: '0', message }] };
    },
  };
}
