/** What becomes of a step's path: the longest prefix that the map names decides. */

export type PathMap = { readonly [path: string]: string | null };

/** The path as it is now, or null where the step is gone. */
export function mapPath(map: PathMap, path: string): string | null {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const prefix = path.slice(0, end);
    if (!Object.hasOwn(map, prefix)) continue;
    const target = map[prefix];
    return target === null || target === undefined ? null : `${target}${path.slice(end)}`;
  }
  return path;
}

/** The last segment of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path of what is around; empty for a step of the flow's own body. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
