// Which known name somebody meant who wrote another one.

/** The known name that is most like `name`, however far away; null where nothing is known. */
export function nearestName(name: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = Infinity;
  for (const candidate of known) {
    const distance = editDistance(plain(name), plain(candidate));
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** Two letters off, or three in a long name; another case or another separator only. */
export function looksLikeTypo(name: string, known: string): boolean {
  if (name === known) return false;
  const [a, b] = [plain(name), plain(known)];
  const shorter = Math.min(a.length, b.length);
  const allowed = shorter < 5 ? 1 : shorter < 20 ? 2 : 3;
  return Math.abs(a.length - b.length) <= allowed && editDistance(a, b) <= allowed;
}

function plain(name: string): string {
  return name
    .slice(0, LONGEST)
    .toLowerCase()
    .replaceAll(/[-_\s]/g, '.');
}

/** Names are short; what is longer is compared by its beginning. */
const LONGEST = 200;

/** Letters left out, put in, exchanged, or changed in their order with their neighbour. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
