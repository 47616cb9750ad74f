// Version requirements as plugins are asked for: `latest`, one version, or a range in Maven's notation.
//
//   requirement = "latest" / version / range *( "," range )
//   range       = ( "[" / "(" ) [ version ] [ "," [ version ] ] ( "]" / ")" )
import { HttpError } from './http-error.ts';

/** Throws HttpError 400 when the requirement can't be read, or the only version there is does not meet it. */
export function refuseOtherVersion(
  plugin: { readonly className: string; readonly version: string },
  requirement: string,
): void {
  const wanted = requirement.trim();
  if (wanted === 'latest') return;
  const range = /^[[(]/.test(wanted) ? wanted : `[${wanted},${wanted}]`;
  const parts = /^([[(])([^[\](),]*)(?:(,)([^[\](),]*))?([\])])$/.exec(range);
  if (parts === null || wanted === '') throw new HttpError(400, `Invalid version specification: ${wanted}`);
  const [, open, low = '', comma, high = '', close] = parts;
  const upper = comma === undefined ? low : high;
  const above = low === '' ? 1 : compareVersions(plugin.version, low);
  const below = upper === '' ? -1 : compareVersions(plugin.version, upper);
  if ((above > 0 || (above === 0 && open === '[')) && (below < 0 || (below === 0 && close === ']'))) return;
  throw new HttpError(
    400,
    `Plugin ${plugin.className} not found that matches the version range ${range}, available versions: [${plugin.version}]`,
  );
}

function compareVersions(a: string, b: string): number {
  const left = a.split(/[.-]/);
  const right = b.split(/[.-]/);
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const x = left[i] ?? '0';
    const y = right[i] ?? '0';
    const order = /^\d+$/.test(x) && /^\d+$/.test(y) ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
    if (order !== 0) return order;
  }
  return 0;
}
