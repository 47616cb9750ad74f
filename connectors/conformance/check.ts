// One thing that every connector of a kind must do, for any test runner.

export interface Check {
  readonly name: string;
  /** Throws what is wrong in words. */
  run(): Promise<void>;
}

/** A check, and what it is run on. */
export interface CheckOn<B> {
  readonly name: string;
  readonly act: (bed: B) => Promise<void> | void;
}

/** Each on a bed of its own. */
export function onOwnBeds<B extends { close(): Promise<void> }>(
  checks: readonly CheckOn<B>[],
  openBed: () => Promise<B> | B,
): readonly Check[] {
  return checks.map(({ name, act }) => ({
    name,
    run: async () => {
      const bed = await openBed();
      try {
        await act(bed);
      } finally {
        await bed.close();
      }
    },
  }));
}
