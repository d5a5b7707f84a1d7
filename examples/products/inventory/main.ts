import { runProduct } from '../../kit/index.js';
import { inventoryProduct } from './product.js';

await runProduct(inventoryProduct);
