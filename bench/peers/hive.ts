import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway';
import { getComposedSchemaFromConfig } from '@graphql-mesh/compose-cli';
import { DefaultLogger } from '@graphql-mesh/utils';
import { loadJSONSchemaSubgraph } from '@omnigraph/json-schema';
import { sampleOf } from './schema.ts';
import { listening, urlOf } from './terms.ts';

// (d) Hive Gateway over a supergraph that Mesh composes of REST sources: its JSON schema handler, by samples of the answers.
// It asks the products itself, by its REST transport; there is no GraphQL server behind it.
interface Operation {
  readonly field: string;
  readonly path: string;
  readonly sample: object;
  readonly type: string;
}

const product = (name: string, operations: readonly Operation[]) => ({
  sourceHandler: loadJSONSchemaSubgraph(name, {
    endpoint: `${urlOf(name)}/v1`,
    operations: operations.map(({ field, path, sample, type }) => ({
      type: 'Query',
      field,
      path,
      method: 'GET',
      responseSample: sample,
      responseTypeName: type,
    })),
  }),
});

const supergraph = await getComposedSchemaFromConfig(
  {
    subgraphs: [
      product('catalog', [
        { field: 'item', path: '/items/{args.itemId}', sample: sampleOf('catalog', '/items/'), type: 'Item' },
        { field: 'items', path: '/items?{args.ids}', sample: sampleOf('catalog', '/items'), type: 'Items' },
      ]),
      product('inventory', [{ field: 'stock', path: '/stock/{args.itemId}', sample: sampleOf('inventory', '/stock/'), type: 'Stock' }]),
      product('shop', [
        { field: 'offer', path: '/offers/{args.itemId}', sample: sampleOf('shop', '/offers/'), type: 'Offer' },
        { field: 'order', path: '/orders/{args.orderId}', sample: sampleOf('shop', '/orders/'), type: 'Order' },
      ]),
      product('accounts', [
        {
          field: 'customer',
          path: '/customers/{args.customerId}',
          sample: sampleOf('accounts', '/customers/'),
          type: 'Customer',
        },
      ]),
    ],
    additionalTypeDefs: `
      extend type Order {
        customer: Customer
          @resolveTo(sourceName: "accounts", sourceTypeName: "Query", sourceFieldName: "customer", requiredSelectionSet: "{ customerId }", sourceArgs: { customerId: "{root.customerId}" })
        items: Items
          @resolveTo(sourceName: "catalog", sourceTypeName: "Query", sourceFieldName: "items", requiredSelectionSet: "{ id }", sourceArgs: { ids: "ids=i-0001&ids=i-0002&ids=i-0003&ids=i-0004&ids=i-0005" })
      }
    `,
  },
  new DefaultLogger(),
);
if (process.env['PRINT']) console.log(supergraph);
const gateway = createGatewayRuntime({ supergraph, logging: false, landingPage: false, graphiql: false });
const server = createServer((request, response) => void gateway(request, response));
server.listen(0, '127.0.0.1', () => listening(server));
