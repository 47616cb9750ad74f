// At most so many scanners on one server, in the order they came.
import { describe, expect, it } from 'vitest';
import { ServerSlots } from '../../../connectors/hbase/server-slots.ts';

interface Work {
  readonly name: string;
  finish(): void;
  readonly done: Promise<unknown>;
}

function setup(perServer: number) {
  const slots = new ServerSlots(perServer);
  const running: string[] = [];
  const start = (server: string, name: string, signal = new AbortController().signal): Work => {
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const done = slots.run(server, signal, async () => {
      running.push(name);
      await gate;
      running.splice(running.indexOf(name), 1);
    });
    return { name, finish: () => finish(), done };
  };
  return { start, running };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('server slots', () => {
  it('keep the rest waiting, server by server, first come first served', async () => {
    const { start, running } = setup(2);
    const works = ['1', '2', '3', '4'].map((name) => start('a', name));
    const other = start('b', 'b1');
    await settled();
    expect(running).toEqual(['1', '2', 'b1']);
    works[1]?.finish();
    await settled();
    expect(running).toEqual(['1', 'b1', '3']);
    for (const work of [...works, other]) work.finish();
    await Promise.all([...works, other].map(({ done }) => done));
    expect(running).toEqual([]);
  });

  it('a wait that is aborted gives its place up', async () => {
    const { start, running } = setup(1);
    const stop = new AbortController();
    const first = start('a', '1');
    const second = start('a', '2', stop.signal);
    const third = start('a', '3');
    stop.abort(new Error('enough'));
    await expect(second.done).rejects.toThrow('enough');
    first.finish();
    await settled();
    expect(running).toEqual(['3']);
    third.finish();
    await third.done;
  });

  it('work that fails gives its slot back', async () => {
    const slots = new ServerSlots(1);
    const signal = new AbortController().signal;
    await expect(slots.run('a', signal, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(slots.run('a', signal, () => Promise.resolve(7))).resolves.toBe(7);
  });
});
