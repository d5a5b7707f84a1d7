import { z } from 'zod';
import { id, operation, product } from '../../kernel/index.js';
import { next, pageInput } from '../pages.js';

const city = z.string().min(1).max(80).meta({ example: 'Lisbon' });
const rating = z.number().min(1).max(5).nullable().meta({ description: 'Mean of the reviews; null before the first.', example: 4.8 });

/** A price. */
export const Money = z.object({
  amount: z.int().min(0).meta({ description: 'In the smallest unit of the currency.', example: 8450 }),
  currency: z.string().length(3).meta({ description: 'ISO 4217.', example: 'EUR' }),
});

/** A piece of baby gear that can be rented in a city. */
export const Listing = z.object({
  id: id('l'),
  providerId: id('p'),
  title: z.string().meta({ example: 'Foldable travel stroller' }),
  description: z.string().meta({ example: 'Folds with one hand and fits the overhead bin.' }),
  category: z.enum(['stroller', 'car-seat', 'cot', 'high-chair', 'carrier', 'toys']),
  city,
  pricePerDay: Money,
  rating,
});

/** Somebody who rents baby gear out. */
export const Provider = z.object({
  id: id('p'),
  userId: id('u'),
  name: z.string().meta({ example: 'Little Explorers Lisbon' }),
  city,
  since: z.iso.date().meta({ example: '2023-05-02' }),
  rating,
});

/** A rental: who, what, from when to when, and what it costs in all. */
export const Booking = z.object({
  id: id('b'),
  listingId: id('l'),
  providerId: id('p'),
  travellerId: id('u'),
  from: z.iso.date().meta({ example: '2026-12-20' }),
  to: z.iso.date().meta({ description: 'The day of return.', example: '2027-01-03' }),
  status: z.enum(['requested', 'confirmed', 'handed-over', 'returned', 'cancelled']),
  price: Money,
});

/** A marketplace for baby gear to rent while travelling. */
export const babonbo = product('babonbo', 1, {
  getBooking: operation({
    get: '/bookings/{id}',
    summary: 'One booking.',
    input: z.object({ id: id('b') }),
    output: Booking,
    errors: { bookingNotFound: 404 },
    tags: ({ id }) => [`booking:${id}`],
  }),
  listBookings: operation({
    get: '/bookings',
    summary: 'The bookings of a traveller, the latest journey first.',
    input: z.object({ travellerId: id('u'), ...pageInput }),
    output: z.object({ bookings: z.array(Booking), next }),
    tags: ({ travellerId }) => [`bookings:${travellerId}`],
  }),
  getListing: operation({
    get: '/listings/{id}',
    summary: 'One listing.',
    input: z.object({ id: id('l') }),
    output: Listing,
    errors: { listingNotFound: 404 },
    absent: 'listingNotFound',
    dependsOn: 'public',
    tags: ({ id }) => [`listing:${id}`],
  }),
  listListings: operation({
    get: '/listings',
    summary: 'Listings by their ids, in no particular order.',
    input: z.object({ ids: z.array(id('l')).min(1).max(100) }),
    output: z.object({ listings: z.array(Listing) }),
    dependsOn: 'public',
    batches: { one: 'getListing', each: 'id', list: 'ids', at: 'listings', by: 'id', atMost: 100 },
  }),
  searchListings: operation({
    get: '/search/listings',
    summary: 'What can be rented in a city, the cheapest first.',
    input: z.object({ city, ...pageInput }),
    output: z.object({ listings: z.array(Listing), next }),
    dependsOn: 'public',
  }),
  getProvider: operation({
    get: '/providers/{id}',
    summary: 'One provider.',
    input: z.object({ id: id('p') }),
    output: Provider,
    errors: { providerNotFound: 404 },
    absent: 'providerNotFound',
    dependsOn: 'public',
    tags: ({ id }) => [`provider:${id}`],
  }),
  listProviders: operation({
    get: '/providers',
    summary: 'Providers by their ids, in no particular order.',
    input: z.object({ ids: z.array(id('p')).min(1).max(100) }),
    output: z.object({ providers: z.array(Provider) }),
    dependsOn: 'public',
    batches: { one: 'getProvider', each: 'id', list: 'ids', at: 'providers', by: 'id', atMost: 100 },
  }),
});
