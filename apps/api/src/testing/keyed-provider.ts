import { Inject, Injectable, Module, type DynamicModule } from '@nestjs/common';
import {
  Disclosed,
  JsonValue,
  Processor,
  Provider,
  ProviderHttpClient,
  type ProcessorContext,
  type Row,
  type RowProcessor,
  type TableSchema,
} from '@pipelines/pipeline';
import { IsString } from 'class-validator';

const BASE_URL = Symbol('base URL of the keyed provider');

/** A key of no known shape, and what it belongs to. */
class KeyedSecret {
  @IsString()
  api_key: string;

  @Disclosed()
  @IsString()
  account: string;
}

class KeyedOptions {}

/** A provider for specs, whose key travels in a header of its own, in the path and the query, and in the body. */
@Provider({ name: 'keyed', secret: KeyedSecret })
class KeyedProvider {}

@Processor({ name: 'KeyedProcessor', module: '@pipelines/api', provider: 'keyed', options: KeyedOptions })
@Injectable()
class KeyedProcessor implements RowProcessor<KeyedOptions, KeyedSecret> {
  readonly kind = 'rows';

  constructor(
    @Inject(BASE_URL) private readonly baseUrl: string,
    private readonly http: ProviderHttpClient,
  ) {}

  schemaFor(): TableSchema {
    return {
      description: 'Costs',
      columns: [
        { name: 'usage_date', type: 'DATE', mode: 'REQUIRED', description: 'UTC day' },
        { name: 'item', type: 'STRING', description: 'What was billed' },
      ],
      windowColumn: 'usage_date',
      naturalKey: ['usage_date', 'item'],
    };
  }

  async *extract(context: ProcessorContext<KeyedOptions, KeyedSecret>): AsyncGenerator<readonly Row[]> {
    const { api_key: key, account } = context.secret.reveal();
    const url = new URL(`${this.baseUrl}/${account}/${encodeURIComponent(key)}/costs`);
    url.searchParams.set('key', key);
    const answer = await this.http.requestJson({
      provider: 'keyed',
      method: 'POST',
      url,
      headers: {
        'x-keyed-token': key,
        'x-keyed-basic': Buffer.from(`${account}:${key}`).toString('base64'),
      },
      body: JSON.stringify({ token: key, bytes: Buffer.from(key).toString('hex') }),
      access: context,
    });
    const items = new JsonValue('keyed', answer).get('items').items();
    yield items.map((item) => ({ usage_date: context.window.start, item: item.text() }));
  }
}

/** The provider, which speaks to a server at the URL. */
@Module({})
export class KeyedProviderModule {
  static forRoot(baseUrl: string): DynamicModule {
    return {
      module: KeyedProviderModule,
      providers: [
        KeyedProvider,
        KeyedProcessor,
        ProviderHttpClient,
        { provide: BASE_URL, useValue: baseUrl },
      ],
    };
  }
}

/** The pipeline of the provider. A run of it is tried once. */
export const KEYED_PIPELINE = `
pipeline: { name: costs, provider: keyed, domain: cost, description: Costs. }
processor: { class: KeyedProcessor, module: '@pipelines/api' }
target: { dataset: '{{org_slug}}_{{env}}', table: keyed_costs, write_disposition: replace_partitions, partition: usage_date }
retry: { limit: 0 }
`;
