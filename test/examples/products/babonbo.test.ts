import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { client } from '#contracts/client/index.js';
import { babonbo } from '#contracts/products/babonbo/v1.js';
import { babonboProduct } from '../../../examples/products/babonbo/product.js';
import { KEY, running, tokenOf } from '../kit-fixture.js';
import { contentOf, seeded } from './seeded.js';
import { type Answer, valueOf } from './value-of.js';

const clientOf = (url: string) =>
  client({
    consumer: 'test',
    baseUrl: `${url}/v1`,
    at: 'product',
    key: KEY,
    token: tokenOf('u-0001'),
    uses: {
      booking: babonbo.getBooking.reads(true),
      bookings: babonbo.listBookings.reads(true),
      listing: babonbo.getListing.reads(true),
      listings: babonbo.listListings.reads(true),
      search: babonbo.searchListings.reads(true),
      provider: babonbo.getProvider.reads(true),
      providers: babonbo.listProviders.reads(true),
    },
  });

/** Every page of a list, from the first to the one that has no next. */
async function pages<P extends { readonly next: string | null }>(read: (cursor: string | undefined) => Promise<Answer<P>>): Promise<P[]> {
  const all: P[] = [];
  let cursor: string | undefined;
  do {
    const page = valueOf(await read(cursor));
    all.push(page);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return all;
}

describe('babonbo', () => {
  it('seeds providers, listings and bookings, the same every time', () => {
    using one = seeded(babonboProduct);
    using other = seeded(babonboProduct);
    const { rows, digest } = contentOf(one.db);
    expect(rows).toEqual({ providers: 40, listings: 160, bookings: 320 });
    expect(contentOf(other.db).digest).toBe(digest);
  });

  it('books a listing with the provider who offers it, at the price of its days', () => {
    using product = seeded(babonboProduct);
    const wrong = product.db.all(
      z.object({ id: z.string() }),
      `SELECT bookings.id FROM bookings JOIN listings ON listings.id = listing_id
       WHERE bookings.provider_id <> listings.provider_id OR bookings.currency <> listings.currency
          OR cents <> cents_per_day * (julianday(to_date) - julianday(from_date))`,
    );
    expect(wrong).toEqual([]);
  });

  it('gives a booking that leads to its listing and its provider', async () => {
    await using product = await running(babonboProduct);
    const to = clientOf(product.url);
    const booking = valueOf(await to.booking({ id: 'b-0001' }));
    expect(booking.travellerId).toBe('u-0001');
    expect(valueOf(await to.listing({ id: booking.listingId }))).toMatchObject({ id: booking.listingId, providerId: booking.providerId });
    expect(valueOf(await to.provider({ id: booking.providerId }))).toMatchObject({ id: booking.providerId });
  });

  it('names what is not there', async () => {
    await using product = await running(babonboProduct);
    const to = clientOf(product.url);
    expect(await to.booking({ id: 'b-9999' })).toMatchObject({ ok: false, error: 'bookingNotFound', status: 404 });
    expect(await to.listing({ id: 'l-9999' })).toMatchObject({ ok: false, error: 'listingNotFound', status: 404 });
    expect(await to.provider({ id: 'p-9999' })).toMatchObject({ ok: false, error: 'providerNotFound', status: 404 });
  });

  it('gives listings and providers by their ids, those that are there, each once', async () => {
    await using product = await running(babonboProduct);
    const to = clientOf(product.url);
    const { listings } = valueOf(await to.listings({ ids: ['l-0009', 'l-9999', 'l-0002', 'l-0009'] }));
    expect(listings.map(({ id }) => id).sort()).toEqual(['l-0002', 'l-0009']);
    const { providers } = valueOf(await to.providers({ ids: ['p-0040', 'p-0001', 'p-0041'] }));
    expect(providers.map(({ id }) => id).sort()).toEqual(['p-0001', 'p-0040']);
  });

  it('pages through the bookings of a traveller, latest journey first, leaving out and repeating none', async () => {
    await using product = await running(babonboProduct);
    const to = clientOf(product.url);
    const travellerId = 'u-0001';
    const read = await pages((cursor) => to.bookings({ travellerId, limit: 7, cursor }));
    const whole = valueOf(await to.bookings({ travellerId, limit: 100 }));
    expect(whole.next).toBeNull();
    expect(whole.bookings.length).toBeGreaterThan(14);
    expect(read.flatMap(({ bookings }) => bookings)).toEqual(whole.bookings);
    expect(read.slice(0, -1).every(({ bookings }) => bookings.length === 7)).toBe(true);
    const dates = whole.bookings.map(({ from }) => from);
    expect(dates).toEqual([...dates].sort().reverse());
  });

  it('pages through what a city offers, the cheapest first', async () => {
    await using product = await running(babonboProduct);
    const to = clientOf(product.url);
    const city = 'Palma de Mallorca';
    const found = (await pages((cursor) => to.search({ city, limit: 1, cursor }))).flatMap(({ listings }) => listings);
    expect(found).toHaveLength(16);
    expect(new Set(found.map(({ id }) => id)).size).toBe(16);
    expect(found.every((listing) => listing.city === city)).toBe(true);
    const prices = found.map(({ pricePerDay }) => pricePerDay.amount);
    expect(new Set(prices).size).toBeLessThan(prices.length); // equal prices, so that a page may end between them
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
    expect(valueOf(await to.search({ city: 'Atlantis' }))).toEqual({ listings: [], next: null });
  });

  it('refuses a cursor that it never gave', async () => {
    await using product = await running(babonboProduct);
    expect(await clientOf(product.url).bookings({ travellerId: 'u-0001', cursor: 'nonsense' })).toMatchObject({
      ok: false,
      error: 'failed',
      failure: { kind: 'refused', status: 400, issues: [{ in: 'query', path: 'cursor' }] },
    });
  });
});
