// Waits for a condition, with a deadline; what the deadline finds is an error that says what was waited for.
import { setTimeout as pause } from 'node:timers/promises';

export async function waitUntil(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  limitMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await pause(10);
  }
}
