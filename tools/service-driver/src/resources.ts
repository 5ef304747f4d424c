const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * What a command has opened. It is closed in reverse order, once, each part whatever becomes of the others; what is
 * still being opened is waited for. SIGINT and SIGTERM close everything that is open in the process before they end it.
 */
export class Resources {
  private static readonly open = new Set<Resources>();
  private static stopping = false;

  private readonly stack = new AsyncDisposableStack();
  private closing?: Promise<void>;

  constructor() {
    if (Resources.open.size === 0) for (const signal of STOP_SIGNALS) process.once(signal, Resources.stop);
    Resources.open.add(this);
  }

  /** Whether a signal is ending the process, so that what fails now need not be reported. */
  static get areStopping(): boolean {
    return Resources.stopping;
  }

  /**
   * Builds something of several parts, which is given the resources to close them by when it is no longer needed.
   * @throws what the building threw, once what it had opened is closed.
   */
  static async build<T>(build: (resources: Resources) => Promise<T>): Promise<T> {
    const resources = new Resources();
    try {
      return await build(resources);
    } catch (error) {
      await resources.close();
      throw error;
    }
  }

  /**
   * Opens something, to be closed with the rest.
   * @throws Error when the rest is being closed already.
   */
  async add<T>(open: () => Promise<T>, close: (opened: T) => unknown): Promise<T> {
    if (this.closing) throw new Error('Nothing more is opened: the command is ending.');
    const opening = open();
    this.stack.defer(async () => {
      const [opened] = await Promise.allSettled([opening]);
      if (opened.status === 'fulfilled') await close(opened.value);
    });
    return opening;
  }

  /** Whether everything is being closed, or has been. */
  get areClosing(): boolean {
    return this.closing !== undefined;
  }

  /** Closes everything. A second call waits for the first. */
  close(): Promise<void> {
    return (this.closing ??= this.stack.disposeAsync().finally(() => {
      Resources.open.delete(this);
      if (Resources.open.size > 0 || Resources.stopping) return;
      for (const signal of STOP_SIGNALS) process.removeListener(signal, Resources.stop);
    }));
  }

  private static readonly stop = (signal: NodeJS.Signals): void => {
    Resources.stopping = true;
    void Promise.allSettled([...Resources.open].map((resources) => resources.close())).then(() => {
      process.kill(process.pid, signal);
    });
  };
}
