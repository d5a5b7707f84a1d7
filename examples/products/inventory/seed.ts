import { type Database, type Random, numbered } from '../../kit/index.js';

const ITEMS = 300;
const SHORT = 12;
const suppliers = [
  'Nordwind Avionics',
  'Casa Lufter',
  'Halcyon Pilot Supply',
  'Morgenrot Verlag',
  'Sierra Cockpit Works',
  'Blå Himmel Textil',
] as const;
const warehouses = ['frankfurt', 'madrid', 'stockholm'] as const;
const LAST_COUNT = Date.UTC(2026, 10, 2);
const DAY_MS = 86_400_000;

/** The stock of items i-0001 to i-0300, twelve of them short. */
export function seedStock(db: Database, random: Random): void {
  suppliers.forEach((name, i) => db.run('INSERT INTO suppliers (id, name) VALUES ($id, $name)', { id: numbered('v', i + 1), name }));
  const all = Array.from({ length: ITEMS }, (_, i) => i + 1);
  const short = new Set(random.shuffled(all).slice(0, SHORT));
  for (const n of all) {
    const reorderPoint = random.int(5, 20);
    db.run(
      `INSERT INTO stock (item_id, warehouse, available, reserved, counted_on, reorder_point, reorder_quantity, supplier_id)
       VALUES ($itemId, $warehouse, $available, $reserved, $countedOn, $reorderPoint, $reorderQuantity, $supplierId)`,
      {
        itemId: numbered('i', n),
        warehouse: random.pick(warehouses),
        available: short.has(n) ? random.int(0, reorderPoint - 1) : random.int(reorderPoint, 120),
        reserved: random.int(0, 6),
        countedOn: new Date(LAST_COUNT - random.int(0, 60) * DAY_MS).toISOString().slice(0, 10),
        reorderPoint,
        reorderQuantity: random.int(2, 8) * 10,
        supplierId: numbered('v', random.int(1, suppliers.length)),
      },
    );
  }
}
