/** A schema as this service's OpenAPI document writes it. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly nullable?: boolean;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export interface Operation {
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly { readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly required: boolean };
  readonly responses: Readonly<Record<string, Response>>;
}

/** The OpenAPI document that a service answers with. */
export class OpenApiDocument {
  private constructor(
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>,
    readonly components: {
      readonly schemas: Readonly<Record<string, Schema>>;
      readonly securitySchemes: Readonly<Record<string, object>>;
    },
  ) {}

  static async read(baseUrl: string): Promise<OpenApiDocument> {
    const answer = await fetch(`${baseUrl}/api/v1/openapi.json`);
    const { paths, components } = (await answer.json()) as OpenApiDocument;
    return new OpenApiDocument(paths, components);
  }

  /** Every operation, by its method and path. */
  operations(): [string, Operation][] {
    return Object.entries(this.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );
  }

  /** What of a value the schema does not describe, or describes otherwise; empty when they agree. */
  differences(value: unknown, schema: Schema | undefined, at = '$'): string[] {
    const resolved = schema && this.resolve(schema);
    if (!resolved) return [`${at} has no schema`];
    if (resolved.oneOf) {
      const each = resolved.oneOf.map((alternative) => this.differences(value, alternative, at));
      return each.find((differences) => differences.length === 0) ?? each.flat();
    }
    if (value === null) return schema.nullable || resolved.nullable ? [] : [`${at} is null`];
    if (Array.isArray(value)) {
      if (resolved.type !== 'array') return [`${at} is an array, not ${resolved.type}`];
      return value.flatMap((item, index) => this.differences(item, resolved.items, `${at}[${index}]`));
    }
    if (typeof value === 'object') return this.differencesOfObject(value as object, resolved, at);
    const type = Number.isInteger(value) ? 'integer' : typeof value;
    if (resolved.type !== type) return [`${at} is ${type}, not ${resolved.type}`];
    if (resolved.enum && !resolved.enum.includes(value)) return [`${at} is ${String(value)}`];
    const isDate = resolved.format === 'date-time' || resolved.format === 'date';
    return isDate && Number.isNaN(Date.parse(value as string)) ? [`${at} is no ${resolved.format}`] : [];
  }

  private differencesOfObject(value: object, schema: Schema, at: string): string[] {
    if (schema.type !== 'object') return [`${at} is an object, not ${schema.type}`];
    const missing = (schema.required ?? []).filter((name) => !(name in value));
    return [
      ...missing.map((name) => `${at}.${name} is missing`),
      ...Object.entries(value).flatMap(([name, member]) =>
        this.differences(member, schema.properties?.[name], `${at}.${name}`),
      ),
    ];
  }

  private resolve(schema: Schema): Schema {
    const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
    return reference === undefined ? schema : this.components.schemas[reference.split('/').at(-1)!]!;
  }
}
