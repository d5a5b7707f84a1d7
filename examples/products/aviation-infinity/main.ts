import { runProduct } from '../../kit/index.js';
import { aviationInfinityProduct } from './product.js';

await runProduct(aviationInfinityProduct);
