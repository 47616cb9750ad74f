// Shared slots of a worker that has room for everybody.
import type { SharedSlots } from '../../src/core/connector/shared-slots.ts';

export const freeSlots: SharedSlots = { run: (_request, _signal, work) => work() };
