import { runProduct } from '../../kit/index.js';
import { shopProduct } from './product.js';

await runProduct(shopProduct);
