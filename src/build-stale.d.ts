/** Builds dist/ when a source is newer than it; returns when dist/ is up to date. */
export function buildStale(): void;
