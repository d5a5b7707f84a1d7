import { z } from 'zod';
import { type AnyOperation, type AnyRoute, id, operation, product, route } from '#contracts/kernel/index.js';

const Parcel = z.object({
  id: id('p'),
  to: z.string().meta({ description: 'Where it goes.', example: 'Malmö' }),
  weight: z.number().optional(),
});

interface Crate {
  label: string;
  inside: Crate[];
}
const Crate: z.ZodType<Crate> = z.object({
  label: z.string(),
  get inside() {
    return z.array(Crate);
  },
});

/** A product with one operation of each shape that a contract can have. */
export const post = product('post', 1, {
  listParcels: operation({
    get: '/parcels',
    summary: 'Parcels by their ids.',
    input: z.object({
      ids: z
        .array(id('p'))
        .max(10)
        .meta({ description: 'Which ones.', example: ['p-0001', 'p-0002'] }),
      limit: z.int().min(1).max(50).default(20),
      slow: z.boolean().optional().meta({ deprecated: true }),
    }),
    output: z.object({ parcels: z.array(Parcel) }),
    dependsOn: 'public',
    batches: { one: 'getParcel', each: 'id', list: 'ids', at: 'parcels', by: 'id', atMost: 10 },
  }),
  getParcel: operation({
    get: '/parcels/{id}',
    input: z.object({ id: id('p'), language: z.enum(['en', 'sv']).optional() }),
    output: Parcel,
    headers: { language: 'Accept-Language' },
    errors: { parcelNotFound: 404, parcelGone: 410, parcelHidden: 404 },
    absent: 'parcelNotFound',
    dependsOn: 'public',
  }),
  sendParcel: operation({
    post: '/senders/{sender}/parcels',
    input: z.object({ sender: id('u'), to: z.string(), crate: Crate, express: z.boolean().default(false) }),
    output: Parcel,
    status: 201,
    errors: { tooHeavy: 413, noSuchPlace: 409 },
  }),
  dropParcel: operation({ delete: '/parcels/{parcel}', input: z.object({ parcel: id('p') }), output: z.undefined() }),
  getCrate: operation({ get: '/crates/{id}', input: z.object({ id: id('c') }), output: z.object({ crate: Crate.nullable() }) }),
});

/** A composed route with a part of each need. */
const delivery = route('GET /v1/parcels/{parcelId}/delivery', {
  summary: 'A parcel on its way.',
  input: z.object({ parcelId: id('p') }),
  output: z.object({ parcel: Parcel, sender: z.string().nullable(), weather: z.string() }),
  errors: { parcelNotFound: 404, carrierDown: 503 },
  parts: { parcel: 'required', sender: 'optional', weather: 'fallback' },
});

/** A composed route that no product's failure can fail. */
const news = route('GET /v1/news', {
  input: z.object({}),
  output: z.object({ headlines: z.array(z.string()) }),
  parts: { headlines: 'optional' },
});

export const operations: readonly AnyOperation[] = Object.values(post);
export const routes: readonly AnyRoute[] = [delivery, news];
