// Who may work on a server: the limits of task, server and cluster, and nobody starves.
import { describe, expect, it } from 'vitest';
import { SlotArbiter } from '../../src/worker/lanes/slot-arbiter.ts';

function setup(perServer: number, perCluster = 100) {
  const arbiter = new SlotArbiter({ perServer, perCluster });
  /** `holder.ask@server`, in the order they were granted, those that were given back no more. */
  const running: string[] = [];
  const take = (name: string, wanted: { perServer?: number; cluster?: string } = {}): void => {
    const { holder, ask, server } = partsOf(name);
    const request = { server, cluster: 'c', perServer: 100, ...wanted };
    arbiter.take({ holder, ask, ...request }, () => running.push(name));
  };
  const give = (name: string): void => {
    const { holder, ask } = partsOf(name);
    arbiter.give(holder, ask);
    if (running.includes(name)) running.splice(running.indexOf(name), 1);
  };
  return { arbiter, running, take, give };
}

function partsOf(name: string): { holder: number; ask: number; server: string } {
  const match = /^(\d+)\.(\d+)@(\w+)$/.exec(name);
  return { holder: Number(match?.[1]), ask: Number(match?.[2]), server: match?.[3] ?? '' };
}

describe('the slots of a worker', () => {
  it('hold for all tasks together, server by server', () => {
    const { running, take, give } = setup(2);
    for (const name of ['1.1@a', '2.1@a', '3.1@a', '1.2@b']) take(name);
    expect(running).toEqual(['1.1@a', '2.1@a', '1.2@b']);
    give('1.1@a');
    expect(running).toEqual(['2.1@a', '1.2@b', '3.1@a']);
  });

  it('hold for the servers of a cluster together, and other clusters have their own', () => {
    const { running, take, give } = setup(9, 2);
    for (const name of ['1.1@a', '1.2@b', '1.3@d']) take(name);
    take('1.4@e', { cluster: 'other' });
    expect(running).toEqual(['1.1@a', '1.2@b', '1.4@e']);
    give('1.2@b');
    expect(running).toEqual(['1.1@a', '1.4@e', '1.3@d']);
  });

  it('give a task no more on a server than it wants', () => {
    const { running, take, give } = setup(9);
    for (const name of ['1.1@a', '1.2@a']) take(name, { perServer: 1 });
    expect(running).toEqual(['1.1@a']);
    give('1.1@a');
    expect(running).toEqual(['1.2@a']);
  });

  it('let no task wait behind all that a larger one wants', () => {
    const { running, take, give } = setup(2);
    for (let ask = 1; ask <= 20; ask += 1) take(`1.${ask}@a`);
    take('2.1@a');
    take('2.2@a');
    give('1.1@a');
    expect(running).toEqual(['1.2@a', '2.1@a']);
    give('1.2@a');
    expect(running).toEqual(['2.1@a', '1.3@a']);
    give('2.1@a');
    expect(running).toEqual(['1.3@a', '2.2@a']);
  });

  it('let nobody wait for a server that is full while another has room', () => {
    const { running, take } = setup(1);
    for (const name of ['1.1@a', '2.1@a', '3.1@b']) take(name);
    expect(running).toEqual(['1.1@a', '3.1@b']);
  });

  it('come back when their task ends, and nothing is remembered of it', () => {
    const { arbiter, running, take } = setup(1);
    for (const name of ['1.1@a', '1.2@a', '2.1@a']) take(name);
    arbiter.release(1);
    expect(running).toEqual(['1.1@a', '2.1@a']);
    arbiter.release(2);
    expect(arbiter.size).toBe(0);
  });

  it('are not given to a wait that was given up', () => {
    const { arbiter, running, take, give } = setup(1);
    for (const name of ['1.1@a', '2.1@a', '3.1@a']) take(name);
    give('2.1@a');
    give('1.1@a');
    expect(running).toEqual(['3.1@a']);
    give('3.1@a');
    expect(arbiter.size).toBe(0);
  });
});
