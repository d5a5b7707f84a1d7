import { runProduct } from '../../kit/index.js';
import { clickaiProduct } from './product.js';

await runProduct(clickaiProduct);
