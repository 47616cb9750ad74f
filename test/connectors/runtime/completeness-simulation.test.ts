// A seeded simulation of the completeness protocol over the product's own code (SplitAttempt, SinkInbox, applyUnit, loadState):
// crashes, zombies of both sides, aborted and superseded runs, unknown COMMIT outcomes, rows that change while they are read
// appends that fail, and writes that become visible late. After every complete run the target must hold every row of the window,
// and no row ever goes back to an older version.
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../support/completeness-world.ts';

const SEEDS = 200;
const STEPS = 400;

describe('completeness protocol', () => {
  it(
    'loses no row, applies none twice and moves the watermark as a chain, whatever crashes',
    { timeout: 60_000 },
    async () => {
      let complete = 0;
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const world = createWorld(seed);
        for (let step = 0; step < STEPS; step += 1) await world.step();
        expect(world.violations, `seed ${seed}`).toEqual([]);
        complete += world.completeRuns;
      }
      // Proof that the world runs at all: more than one complete run a seed.
      expect(complete).toBeGreaterThan(SEEDS);
    },
  );

  it.each([
    'fence and watermark',
    'position',
    'lag',
    'attempt',
    'acknowledgement and count',
    'one plan',
  ] as const)('is broken without the rule: %s', async (rule) => {
    let broken = 0;
    for (let seed = 1; seed <= 400 && broken === 0; seed += 1) {
      const world = createWorld(seed, rule);
      for (let step = 0; step < STEPS && world.violations.length === 0; step += 1) await world.step();
      broken += world.violations.length;
    }
    expect(broken).toBeGreaterThan(0);
  });
});
