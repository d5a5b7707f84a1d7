import { runProduct } from '../../kit/index.js';
import { wantToBeAPilotProduct } from './product.js';

await runProduct(wantToBeAPilotProduct(process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:8080'));
