import { nearestName } from '@pipelines/pipeline';
import type { FieldProblem } from '../config-problem.ts';
import type { LoadedPipeline } from './load-pipeline.ts';
import { pathOf } from './pipeline-identity.ts';

const FIELD = 'depends_on';

/** The pipelines, of which those are refused that depend on one that nobody declares, or in the end on themselves. */
export function checkDependencies(pipelines: readonly LoadedPipeline[]): readonly LoadedPipeline[] {
  const dependencies = new Map(
    pipelines.map(({ entry, definition }) => [pathOf(entry), definition?.dependsOn.map(pathOf) ?? []]),
  );
  return pipelines.map((loaded) => {
    const { entry, definition, source } = loaded;
    if (!definition || !source) return loaded;
    const path = pathOf(entry);
    const cycle = wayBack(path, dependencies);
    const found: FieldProblem[] = [
      ...definition.dependsOn.map(pathOf).flatMap((dependency) => unknown(dependency, dependencies)),
      ...(cycle
        ? [{ field: FIELD, message: `${FIELD}: ${cycle.join(' depends on ')}. Break the circle.` }]
        : []),
    ];
    if (found.length === 0) return loaded;
    const problems = found.map((problem) => source.locate(problem));
    return { source, entry: { ...entry, problems } };
  });
}

function unknown(path: string, known: ReadonlyMap<string, unknown>): FieldProblem[] {
  if (known.has(path)) return [];
  const nearest = nearestName(path, [...known.keys()]);
  const advice = nearest ? ` Did you mean ${nearest}?` : '';
  return [{ field: FIELD, token: path, message: `${FIELD}: there is no pipeline ${path}.${advice}` }];
}

/** The way from a pipeline over its dependencies to itself again. */
function wayBack(
  path: string,
  dependencies: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const seen = new Set<string>();
  const search = (way: readonly string[]): readonly string[] | undefined => {
    for (const next of dependencies.get(way.at(-1)!) ?? []) {
      if (next === path) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = search([...way, next]);
      if (found) return found;
    }
    return undefined;
  };
  return search([path]);
}
