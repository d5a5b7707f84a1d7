import { optional } from '#contracts/kernel/index.js';
import { inventory } from '#contracts/products/inventory/v1.js';
import { shop } from '#contracts/products/new-pilot-shop/v1.js';
import { draftPurchaseOrder as route } from '#contracts/public/v1/draft-purchase-order.js';
import { composition } from '../composition/composition.js';

/**
 * Items and descriptions are two parts of one and the same call: where only a description breaks, the item can still be
 * named.
 */
export const draftPurchaseOrder = composition(route, {
  uses: {
    shortages: inventory.listShortages.reads({ shortages: { itemId: true, reorderQuantity: true, supplier: true }, next: true }),
    items: optional(shop.getItem.reads({ name: true, price: true })),
    descriptions: optional(shop.getItem.reads({ description: true })),
  },
  async compose({ shortages, items, descriptions, gather }) {
    const lacking = await shortages({ limit: 100 });
    const parts = await gather({
      items: lacking.shortages.map(({ itemId }) => items({ id: itemId })),
      descriptions: lacking.shortages.map(({ itemId }) => descriptions({ id: itemId })),
    });
    const lines = lacking.shortages.map(({ itemId, reorderQuantity: quantity, supplier }, i) => {
      const item = parts.items[i];
      const description = parts.descriptions[i]?.description;
      return item && description
        ? { itemId, ...item, description, quantity, supplier }
        : { itemId, name: item?.name ?? null, quantity, supplier };
    });
    return {
      lines: lines.filter((line) => 'description' in line),
      undescribed: lines.filter((line) => !('description' in line)),
      more: lacking.next !== null,
    };
  },
});
