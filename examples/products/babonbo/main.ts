import { runProduct } from '../../kit/index.js';
import { babonboProduct } from './product.js';

await runProduct(babonboProduct);
