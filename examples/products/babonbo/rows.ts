import { Booking, Listing, Money } from '#contracts/products/babonbo/v1.js';
import { json } from '../../kit/index.js';

/** A row of `SELECT_LISTING`: a listing as the contract says it. */
export const ListingRow = Listing.extend({ pricePerDay: json(Money) });

/** Listings as `ListingRow` reads them; a condition may follow. */
export const SELECT_LISTING = `
  SELECT id, provider_id AS providerId, title, description, category, city, rating,
    json_object('amount', cents_per_day, 'currency', currency) AS pricePerDay
  FROM listings`;

/** A row of `SELECT_BOOKING`: a booking as the contract says it. */
export const BookingRow = Booking.extend({ price: json(Money) });

/** Bookings as `BookingRow` reads them; a condition may follow. */
export const SELECT_BOOKING = `
  SELECT id, listing_id AS listingId, provider_id AS providerId, traveller_id AS travellerId,
    from_date AS "from", to_date AS "to", status, json_object('amount', cents, 'currency', currency) AS price
  FROM bookings`;
