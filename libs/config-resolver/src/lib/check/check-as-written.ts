import type { PipelineIdentity } from '../catalog/pipeline-identity.ts';
import type { FieldProblem } from '../config-problem.ts';
import { DATASET } from '../file/names.ts';
import type { TemplateVariables } from '../template/template.ts';
import type { YamlSource } from '../yaml/yaml-source.ts';

/** The path is the identity; what the file says of itself must agree, so that a copied file cannot pose as another. */
export function identityProblems(
  { pipeline: section }: YamlSource['value'],
  { provider, domain, pipeline }: PipelineIdentity,
): FieldProblem[] {
  if (typeof section !== 'object' || section === null) return [];
  const declared = section as Readonly<Record<string, unknown>>;
  return Object.entries({ provider, domain, name: pipeline })
    .filter(([key, fromPath]) => typeof declared[key] === 'string' && declared[key] !== fromPath)
    .map(([key, fromPath]) => ({
      field: `pipeline.${key}`,
      message: `pipeline.${key} is "${String(declared[key])}" but the file's path says "${fromPath}". Make them agree.`,
    }));
}

/** The dataset is judged as written: what it resolves to says nothing of who else resolves to the same. */
export function datasetProblems({ target }: YamlSource['value'], { env }: TemplateVariables): FieldProblem[] {
  const field = 'target.dataset';
  const dataset = (target as { dataset?: unknown } | undefined | null)?.dataset;
  if (typeof dataset !== 'string') return [];
  const message =
    `${field} must be "{{org_slug}}_{{env}}", or that followed by an underscore and a name, so that no two ` +
    'organizations share a dataset.';
  const suffix = dataset.slice(dataset.lastIndexOf('}') + 1).split('_');
  return DATASET.test(dataset) && !suffix.includes(env) ? [] : [{ field, message }];
}
