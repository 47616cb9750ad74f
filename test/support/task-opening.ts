// What a source's task is opened with, where a test has nothing of its own to say.
import { systemClock } from '../../src/core/clock.ts';
import type { TaskOpening } from '../../src/core/connector/contract.ts';
import { freeSlots } from '../fakes/free-slots.ts';

export function openingOf<C>(config: C, signal = new AbortController().signal): TaskOpening<C> {
  return { config, signal, slots: freeSlots, clock: systemClock };
}
