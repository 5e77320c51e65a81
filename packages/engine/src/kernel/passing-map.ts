/**
 * What comes and goes by the thousand, by name, such as the runs that are live. When a `Map` makes a new table, the old one
 * refers to it and still holds all that was in it; once the old one has outlived two collections of young objects, everything
 * that any later table has held outlives them too, until the whole heap is looked at. Here a table holds no more than the
 * empty shell of what was taken out.
 */
export class PassingMap<V> {
  readonly #shells = new Map<string, { value: V | undefined }>();

  get size(): number {
    return this.#shells.size;
  }

  get(name: string): V | undefined {
    return this.#shells.get(name)?.value;
  }

  has(name: string): boolean {
    return this.#shells.has(name);
  }

  /** As the last one, where there was none of the name. */
  set(name: string, value: V): void {
    const known = this.#shells.get(name);
    if (known === undefined) this.#shells.set(name, { value });
    else known.value = value;
  }

  delete(name: string): void {
    const shell = this.#shells.get(name);
    if (shell !== undefined) shell.value = undefined;
    this.#shells.delete(name);
  }

  /** The oldest first. */
  *values(): Generator<V> {
    for (const { value } of this.#shells.values()) if (value !== undefined) yield value;
  }
}
