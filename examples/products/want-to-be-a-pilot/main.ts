import { runProduct } from '../../kit/index.js';
import { wantToBeAPilotProduct } from './product.js';

const { GATEWAY_URL, INTERLINE_KEY } = process.env;
await runProduct(wantToBeAPilotProduct({ url: GATEWAY_URL ?? 'http://127.0.0.1:8080', key: INTERLINE_KEY }));
