import { runProduct } from '../../kit/index.js';
import { authProduct } from './product.js';

await runProduct(authProduct);
