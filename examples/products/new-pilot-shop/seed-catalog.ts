import type { z } from 'zod';
import type { Category } from '#contracts/products/new-pilot-shop/v1.js';
import { type Database, type Random, numbered } from '../../kit/index.js';

/** What an order's seed has to know of an item. */
export interface SeededItem {
  readonly id: string;
  readonly amount: number;
}

/** What one category sells: the things, each with a sentence that describes it, and the span of prices in euros. */
interface Shelf {
  readonly things: readonly (readonly [name: string, description: string])[];
  readonly euros: readonly [least: number, most: number];
}

const shelves: Readonly<Record<z.output<typeof Category>, Shelf>> = {
  headsets: {
    euros: [120, 990],
    things: [
      ['headset', 'A light headset for training aircraft, with ear seals that stand a long day.'],
      ['ANR headset', 'Active noise reduction that keeps the radio clear in a loud cockpit.'],
      ['in-ear headset', 'Weighs less than a wallet and fits under any cap.'],
      ['intercom', 'Links four headsets where the aircraft has no intercom of its own.'],
    ],
  },
  books: {
    euros: [18, 89],
    things: [
      ['meteorology workbook', 'Clouds, fronts and METARs, with two hundred questions and their answers.'],
      ['navigation handbook', 'From dead reckoning to RNAV, with worked flight logs.'],
      ['air law guide', 'European air law in the order in which the exam asks for it.'],
      ['principles of flight', 'Lift, drag and stability explained with drawings instead of formulas.'],
    ],
  },
  charts: {
    euros: [9, 45],
    things: [
      ['VFR chart', 'Current ICAO chart at 1:500 000, folded and laminated.'],
      ['approach binder', 'Instrument approach plates of a region, one tab per airfield.'],
      ['plotter', 'A square plotter with scales for the common charts.'],
      ['flight log pad', 'Fifty sheets for planning and keeping track of a leg.'],
    ],
  },
  bags: {
    euros: [35, 260],
    things: [
      ['flight bag', 'Room for a headset, charts and a thermos, with a pocket for each.'],
      ['pilot case', 'A hard case on wheels that fits beside the seat.'],
      ['headset pouch', 'Padded, so that the headset survives the hold.'],
      ['rucksack', 'Carries a tablet and a change of clothes to the next airfield.'],
    ],
  },
  instruments: {
    euros: [25, 640],
    things: [
      ['flight computer', 'The slide rule that the exam still allows: wind, fuel and time.'],
      ['handheld radio', 'A transceiver with 8.33 kHz spacing, for when the panel goes dark.'],
      ['fuel tester', 'Shows water and the wrong grade before the engine does.'],
      ['carbon monoxide detector', 'Warns early and loud, and lasts a year on one battery.'],
    ],
  },
  clothing: {
    euros: [15, 190],
    things: [
      ['pilot shirt', 'Short sleeves, loops for epaulettes, and no ironing.'],
      ['leather jacket', 'Lambskin, lined, cut to sit well in a harness.'],
      ['epaulettes', 'A pair with two, three or four bars.'],
      ['high-visibility vest', 'Reflects to all sides; most aprons demand one.'],
    ],
  },
  simulation: {
    euros: [59, 1290],
    things: [
      ['yoke', 'Steel shaft and full travel, for practice that carries over.'],
      ['rudder pedals', 'Toe brakes and an adjustable spring.'],
      ['throttle quadrant', 'Six levers that can be labelled for any aircraft.'],
      ['switch panel', 'Master, magnetos and lights where the hand expects them.'],
    ],
  },
  accessories: {
    euros: [5, 120],
    things: [
      ['kneeboard', 'Holds a tablet or paper, and stays put in turbulence.'],
      ['logbook', 'EASA columns on paper that takes any pen.'],
      ['torch', 'Red and white light, one hand, two modes.'],
      ['sunglasses', 'Not polarised, so that displays stay readable.'],
    ],
  },
};
const makes = ['Cirrus', 'Altair', 'Meridian', 'Stratus', 'Falke', 'Borealis', 'Zephyr', 'Passat', 'Levante', 'Tramontana'] as const;
const currency = 'EUR';

/** Items i-0001 to i-0320: each thing of each category by each make. */
export function seedCatalog(db: Database, random: Random): readonly SeededItem[] {
  const offers = Object.entries(shelves).flatMap(([category, { things, euros }]) =>
    things.flatMap(([thing, description]) => makes.map((make) => ({ category, name: `${make} ${thing}`, description, euros }))),
  );
  return random.shuffled(offers).map(({ category, name, description, euros: [least, most] }, i) => {
    const id = numbered('i', i + 1);
    const amount = random.int(least, most) * 100 + random.pick([0, 50, 90]);
    const imageUrl = random.chance(0.8) ? `https://images.example.org/${id}.jpg` : null;
    db.run(
      'INSERT INTO items (id, name, description, category, amount, currency, image_url) VALUES ($id, $name, $description, $category, $amount, $currency, $imageUrl)',
      {
        id,
        name,
        description,
        category,
        amount,
        currency,
        imageUrl,
      },
    );
    return { id, amount };
  });
}
