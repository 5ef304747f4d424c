/** What names a pipeline: the path of its file, `{provider}/{domain}/{pipeline}.yml`. */
export interface PipelineIdentity {
  readonly provider: string;
  readonly domain: string;
  readonly pipeline: string;
}

/** The identity as `provider/domain/pipeline`. */
export function pathOf({ provider, domain, pipeline }: PipelineIdentity): string {
  return `${provider}/${domain}/${pipeline}`;
}

/** The identity that a path of three segments tells. */
export function identityAt(path: string): PipelineIdentity {
  const [provider, domain, pipeline] = path.split('/') as [string, string, string];
  return { provider, domain, pipeline };
}
