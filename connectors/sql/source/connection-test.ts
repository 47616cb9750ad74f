// The connection test: configuration, host name, connection and log-in, table, clock.
import { counted } from '../../../src/core/text.ts';
import { lookup } from 'node:dns/promises';
import type { Finding } from '../../../src/core/connector/check-steps.ts';
import { runCheckSteps } from '../../../src/core/connector/check-steps.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { CheckStep } from '../../../src/core/connector/contract.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { SqlSourceConfig } from './config.ts';
import type { SourceColumn, SourceSession } from './dialect.ts';
import { findGrowing } from './increments/increments.ts';
import type { Growing } from './increments/increments.ts';
import { findOtherZones } from './increments/server-zone.ts';
import { comparedColumns } from './claim-keys.ts';
import { chooseColumns } from './row-columns.ts';
import { describeOrThrow } from './views.ts';

export function testSourceConnection(
  config: SqlSourceConfig,
  signal: AbortSignal,
): Promise<readonly CheckStep[]> {
  const { server, name } = config;
  return runCheckSteps(async (step) => {
    await step('configuration', () =>
      Promise.resolve({ detail: [name, ...server.notes.map(({ en }) => en)].join('; '), value: null }),
    );
    for (const host of server.hosts) await step('resolve', () => resolveHost(host));
    const session = await step('connect and log in', async () => ({
      detail: `${server.address} answers`,
      value: await server.open(signal),
    }));
    try {
      const growing = await step('table', () => findTable(config, session));
      const now = await step('clock', () => compareClocks(session));
      if (growing?.kind === 'time')
        await step('time zone', () => compareZones(config, session, { columns: growing.columns, now }));
    } finally {
      session.close();
    }
  });
}

export async function readSchema(config: SqlSourceConfig, signal: AbortSignal): Promise<RowSchema> {
  const session = await config.server.open(signal);
  try {
    return chooseColumns(config, await describeOrThrow(session, config)).schema;
  } finally {
    session.close();
  }
}

async function resolveHost(host: string): Promise<Finding<null>> {
  try {
    const { address } = await lookup(host);
    return { detail: `${host} is ${address}`, value: null };
  } catch (cause) {
    throw new SyncError('SOURCE_UNREACHABLE', { message: `the host name ${host} is not known`, cause });
  }
}

async function findTable(config: SqlSourceConfig, session: SourceSession): Promise<Finding<Growing | null>> {
  const found = await describeOrThrow(session, config);
  const rows = chooseColumns(config, found);
  comparedColumns(config, rows);
  const { columns, schema } = rows;
  const key = schema.key.length === 0 ? 'no key' : `key ${schema.key.join(', ')}`;
  return {
    detail: `${config.name} (${found.kind}) has ${counted(columns.length, 'column')} that are read, ${key}`,
    value: findGrowing(config, found),
  };
}

/** The server's own, µs. */
async function compareClocks(session: SourceSession): Promise<Finding<number>> {
  const before = systemClock.now();
  const { micros, notes } = await session.now();
  const here = (before + systemClock.now()) / 2;
  const ahead = Math.round(micros / 1000 - here);
  const where = ahead < 0 ? 'behind' : 'ahead of';
  const detail = [
    `the server's clock is ${Math.abs(ahead)} ms ${where} this one`,
    ...notes.map(({ en }) => en),
  ];
  return { detail: detail.join('; '), value: micros };
}

async function compareZones(
  { increments: { zone } }: SqlSourceConfig,
  session: SourceSession,
  { columns, now }: { readonly columns: readonly SourceColumn[]; readonly now: number },
): Promise<Finding<null>> {
  const doubts = await findOtherZones(session, { zone, columns, now });
  const isLocal = columns.some(({ local }) => local);
  const detail = isLocal
    ? `times without a zone are read by db.timezone=${zone.name}`
    : 'times have their zone';
  return { detail, doubts, value: null };
}
