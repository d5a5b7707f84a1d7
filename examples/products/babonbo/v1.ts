import { z } from 'zod';
import { Provider, babonbo } from '#contracts/products/babonbo/v1.js';
import { page, serve } from '../../kit/index.js';
import { BookingRow, ListingRow, SELECT_BOOKING, SELECT_LISTING } from './rows.js';

const SELECT_PROVIDER = 'SELECT id, user_id AS userId, name, city, since, rating FROM providers';
const BY_ID = 'WHERE id = $id';
const BY_IDS = 'WHERE id IN (SELECT value FROM json_each($ids))';
const BOOKINGS_OF_TRAVELLER = `${SELECT_BOOKING} WHERE traveller_id = $travellerId AND (from_date, id) < ($from, $id) ORDER BY from_date DESC, id DESC LIMIT $take`;
const LISTINGS_IN_CITY = `${SELECT_LISTING} WHERE city = $city AND (cents_per_day, id) > ($cents, $id) ORDER BY cents_per_day, id LIMIT $take`;

const ByJourney = z.tuple([z.iso.date(), z.string()]);
const ByPrice = z.tuple([z.int(), z.string()]);

/** Answers for version 1 of babonbo. */
export const v1 = serve(babonbo, {
  getBooking({ input, db, fail }) {
    const booking = db.one(BookingRow, `${SELECT_BOOKING} ${BY_ID}`, input);
    if (booking === undefined) throw fail('bookingNotFound');
    return booking;
  },
  listBookings({ input, db }) {
    const { rows, next } = page(input, {
      key: ByJourney,
      first: ['9999-12-31', ''],
      read: ([from, id], take) => db.all(BookingRow, BOOKINGS_OF_TRAVELLER, { travellerId: input.travellerId, from, id, take }),
      keyOf: (booking) => [booking.from, booking.id],
    });
    return { bookings: rows, next };
  },
  getListing({ input, db, fail }) {
    const listing = db.one(ListingRow, `${SELECT_LISTING} ${BY_ID}`, input);
    if (listing === undefined) throw fail('listingNotFound');
    return listing;
  },
  listListings: ({ input, db }) => ({ listings: db.all(ListingRow, `${SELECT_LISTING} ${BY_IDS}`, { ids: JSON.stringify(input.ids) }) }),
  searchListings({ input, db }) {
    const { rows, next } = page(input, {
      key: ByPrice,
      first: [0, ''],
      read: ([cents, id], take) => db.all(ListingRow, LISTINGS_IN_CITY, { city: input.city, cents, id, take }),
      keyOf: (listing) => [listing.pricePerDay.amount, listing.id],
    });
    return { listings: rows, next };
  },
  getProvider({ input, db, fail }) {
    const provider = db.one(Provider, `${SELECT_PROVIDER} ${BY_ID}`, input);
    if (provider === undefined) throw fail('providerNotFound');
    return provider;
  },
  listProviders: ({ input, db }) => ({ providers: db.all(Provider, `${SELECT_PROVIDER} ${BY_IDS}`, { ids: JSON.stringify(input.ids) }) }),
});
