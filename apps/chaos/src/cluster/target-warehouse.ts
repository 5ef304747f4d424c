/** A row of the costs. */
export interface LoadedRow {
  /** UTC day of the cost. */
  readonly day: string;
  /** Run that loaded it. */
  readonly runId: string;
  /** All but the lineage, as text. */
  readonly content: string;
}

/** What can be read of a warehouse, whichever it is. */
export interface LoadedWarehouse {
  /** Ids of the runs that have committed, once for each commit. */
  committedRuns(): Promise<string[]>;
  /** What the organization has loaded; it must have loaded something. */
  costsOf(org: string): Promise<LoadedRow[]>;
}

/** A commit that is kept from taking effect. */
export interface HeldCommit {
  /** Resolves once nothing but {@link release} is missing. */
  readonly begun: Promise<void>;
  /** Lets it go on, if it can without its worker; resolves once it has. */
  release(): Promise<void>;
}

/** A warehouse whose commits can be held. */
export interface TargetWarehouse extends LoadedWarehouse {
  /** Settings of the processes that load into it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Holds the next commit. */
  holdNextCommit(): Promise<HeldCommit>;
}

/** Reads the costs of an organization, on either warehouse; {@link toLoadedRow} takes its rows. */
export function selectCosts(org: string): string {
  return `SELECT CAST(usage_date AS STRING) AS day, * FROM ${org}_dev.openai_costs`;
}

/** Sets the lineage of a row apart. */
export function toLoadedRow({
  day,
  _run_id,
  _pipeline,
  _loaded_at,
  _credential,
  ...content
}: Readonly<Record<string, unknown>>): LoadedRow {
  return { day: String(day), runId: String(_run_id), content: JSON.stringify(content) };
}
