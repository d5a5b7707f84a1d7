import type { z } from 'zod';
import type { Delivery, Order, Payment } from '#contracts/products/new-pilot-shop/v1.js';
import { type Database, type Random, numbered } from '../../kit/index.js';
import type { SeededItem } from './seed-catalog.js';

const CUSTOMERS = 200;
const ORDERS = 600;
const FIRST_ORDER = Date.UTC(2025, 0, 6, 7);
const BETWEEN_MINUTES = [30, 3_000] as const;

const places: readonly [z.output<typeof Delivery>, ...z.output<typeof Delivery>[]] = [
  { city: 'Berlin', zip: '10115', country: 'DE' },
  { city: 'Bordeaux', zip: '33000', country: 'FR' },
  { city: 'Frankfurt', zip: '60311', country: 'DE' },
  { city: 'Lisboa', zip: '1100-148', country: 'PT' },
  { city: 'Lyon', zip: '69002', country: 'FR' },
  { city: 'Sevilla', zip: '41004', country: 'ES' },
  { city: 'Uppsala', zip: '75320', country: 'SE' },
  { city: 'Wien', zip: '1010', country: 'AT' },
];

/** Orders o-0001 (the oldest) to o-0600; every customer u-0001 to u-0200 has one or more. */
export function seedOrders(db: Database, random: Random, items: readonly SeededItem[]): void {
  const [first, ...others] = items;
  if (first === undefined) throw new Error('expected a catalog to order from');
  const everyone = random.shuffled(Array.from({ length: CUSTOMERS }, (_, i) => i + 1));
  let at = FIRST_ORDER;
  for (let i = 0; i < ORDERS; i++) {
    at += random.int(...BETWEEN_MINUTES) * 60_000;
    const id = numbered('o', i + 1);
    db.run(
      'INSERT INTO orders (id, customer_id, placed_at, status, delivery, payment) VALUES ($id, $customerId, $placedAt, $status, $delivery, $payment)',
      {
        id,
        customerId: numbered('u', everyone[i] ?? random.int(1, CUSTOMERS)),
        placedAt: new Date(at).toISOString(),
        status: statusOf(i, random),
        delivery: random.chance(0.85) ? JSON.stringify(random.pick(places)) : null,
        payment: JSON.stringify(payment(random)),
      },
    );
    const lines = Array.from({ length: random.int(1, 4) }, () => random.pick([first, ...others]));
    [...new Set(lines)].forEach((item, position) =>
      db.run(
        'INSERT INTO order_lines (order_id, position, item_id, quantity, unit_amount, unit_currency) VALUES ($id, $position, $itemId, $quantity, $amount, $currency)',
        {
          id,
          position,
          itemId: item.id,
          quantity: random.int(1, 3),
          amount: item.amount,
          currency: 'EUR',
        },
      ),
    );
  }
}

/** Old orders are done with; the newest are still on their way. */
function statusOf(i: number, random: Random): z.output<typeof Order>['status'] {
  if (random.chance(0.05)) return 'cancelled';
  return i < ORDERS - 40 ? 'delivered' : random.pick(['placed', 'paid', 'shipped']);
}

const digits = (random: Random, count: number): string => Array.from({ length: count }, () => random.int(0, 9)).join('');

function payment(random: Random): z.output<typeof Payment> {
  if (random.chance(0.6)) return { kind: 'card', brand: random.pick(['visa', 'mastercard', 'amex']), last4: digits(random, 4) };
  if (random.chance(0.75)) return { kind: 'iban', iban: germanIban(digits(random, 18)) };
  return { kind: 'voucher', code: `FLY-${digits(random, 6)}` };
}

/** Puts the check digits of ISO 13616 before an account: the whole, moved around, leaves 1 when divided by 97. */
function germanIban(account: string): string {
  const check = 98n - (BigInt(`${account}131400`) % 97n); // 13 and 14 stand for D and E
  return `DE${String(check).padStart(2, '0')}${account}`;
}
