/** What names a pipeline: the path of its file, `{provider}/{domain}/{pipeline}.yml`. */
export interface PipelineIdentity {
  readonly provider: string;
  readonly domain: string;
  readonly pipeline: string;
}
