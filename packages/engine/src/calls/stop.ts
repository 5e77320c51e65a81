/**
 * How work is asked to end: once, for one reason. Hardly any work ever is: to listen to an `AbortSignal`, and to stop
 * listening, takes longer than a small call itself, so the engine listens here, and has signals for handlers alone.
 */

const nobody: readonly (() => void)[] = [];

export class Stop {
  #reason: unknown = undefined;
  #isAsked = false;
  #listeners: readonly (() => void)[] = nobody;
  #controller: AbortController | null = null;

  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** Undefined until it is asked. */
  get reason(): unknown {
    return this.#reason;
  }

  /** The same for those who know signals. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#isAsked) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Only the first reason counts. */
  ask(reason: unknown): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = nobody;
    for (const listener of listeners) listener();
    this.#controller?.abort(reason);
  }

  /** Calls back when it is asked, unless it has been; returns how to stop listening. */
  hear(listener: () => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }
}
