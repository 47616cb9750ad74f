// The notes of a lane's tasks: kept by the main thread, asked for by message.
import { fromShape } from '../../core/errors.ts';
import type { FromLane, ToLane } from './lane-protocol.ts';
import type { TaskNotes } from './task-context.ts';

type Ask = FromLane & { readonly type: 'ask' };

interface Asking {
  readonly resolve: (value: string | null) => void;
  readonly reject: (error: Error) => void;
}

export class LaneNotes {
  readonly #say: (message: FromLane) => void;
  readonly #asking = new Map<number, Asking>();
  #asked = 0;

  constructor(say: (message: FromLane) => void) {
    this.#say = say;
  }

  of(id: number): TaskNotes {
    return {
      read: (key) => this.#ask({ id, act: 'read', key, value: '' }),
      write: async (key, value) => {
        await this.#ask({ id, act: 'write', key, value });
      },
      clear: async (key) => {
        await this.#ask({ id, act: 'clear', key, value: '' });
      },
      append: async (key, value) => {
        await this.#ask({ id, act: 'append', key, value });
      },
    };
  }

  answer(message: ToLane & { readonly type: 'answer' }): void {
    const { resolve, reject } = this.#asking.get(message.ask) ?? {};
    this.#asking.delete(message.ask);
    if (message.error === null) resolve?.(message.value);
    else reject?.(fromShape(message.error));
  }

  #ask(ask: Omit<Ask, 'type' | 'ask'>): Promise<string | null> {
    return new Promise((resolve, reject) => {
      this.#asked += 1;
      this.#asking.set(this.#asked, { resolve, reject });
      this.#say({ type: 'ask', ask: this.#asked, ...ask });
    });
  }
}
