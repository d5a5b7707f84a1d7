import { RESTDataSource } from '@apollo/datasource-rest';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { Agent, fetch } from 'undici';
import { sampleOf, typesOf } from './schema.ts';
import { urlOf } from './terms.ts';

// (e) Apollo Server with a REST data source for each product, made for each request as its documentation says; undici's
// fetch over kept connections. Its checks of what GET may ask are off, since every peer is asked by GET.
const dispatcher = new Agent({ connections: 64, pipelining: 1 });

class Product extends RESTDataSource {
  override readonly baseURL: string;
  constructor(name: string) {
    super({ fetch: (url, init) => fetch(url, { method: init?.method ?? 'GET', headers: init?.headers ?? {}, dispatcher }) });
    this.baseURL = `${urlOf(name)}/v1/`;
  }
  read<T = unknown>(path: string): Promise<T> {
    return this.get<T>(path);
  }
}

interface Context {
  readonly catalog: Product;
  readonly inventory: Product;
  readonly shop: Product;
  readonly accounts: Product;
}
interface Order {
  readonly customerId: string;
  readonly lines: readonly { readonly itemId: string }[];
}

const server = new ApolloServer<Context>({
  csrfPrevention: false,
  typeDefs: `
    type Query { item(itemId: String!): Item stock(itemId: String!): Stock offer(itemId: String!): Offer order(orderId: String!): Order }
    ${typesOf('Item', sampleOf('catalog', '/items/'))}
    ${typesOf('Stock', sampleOf('inventory', '/stock/'))}
    ${typesOf('Offer', sampleOf('shop', '/offers/'))}
    ${typesOf('Order', sampleOf('shop', '/orders/'), 'customer: Customer items: Items')}
    ${typesOf('Customer', sampleOf('accounts', '/customers/'))}
    ${typesOf('Items', sampleOf('catalog', '/items'))}
  `,
  resolvers: {
    Query: {
      item: (_, { itemId }: { itemId: string }, { catalog }) => catalog.read(`items/${itemId}`),
      stock: (_, { itemId }: { itemId: string }, { inventory }) => inventory.read(`stock/${itemId}`),
      offer: (_, { itemId }: { itemId: string }, { shop }) => shop.read(`offers/${itemId}`),
      order: (_, { orderId }: { orderId: string }, { shop }) => shop.read(`orders/${orderId}`),
    },
    Order: {
      customer: ({ customerId }: Order, _, { accounts }) => accounts.read(`customers/${customerId}`),
      items: ({ lines }: Order, _, { catalog }) => catalog.read(`items?${lines.map(({ itemId }) => `ids=${itemId}`).join('&')}`),
    },
  },
});

const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1' },
  context: async () => ({
    catalog: new Product('catalog'),
    inventory: new Product('inventory'),
    shop: new Product('shop'),
    accounts: new Product('accounts'),
  }),
});
console.log(`listening ${new URL(url).port}`);
