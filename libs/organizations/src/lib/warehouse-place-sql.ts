/**
 * SELECT of where the organization's data lies, a JSON object in the shape of a `WarehousePlace`, as far as it has a
 * place of its own; for a statement that has the organization's slug at hand.
 */
export function warehousePlaceSql(slug: string): string {
  return `
    SELECT jsonb_strip_nulls(jsonb_build_object('project', warehouse_project, 'location', warehouse_location))
    FROM pipelines.organizations WHERE slug = ${slug}`;
}
