import { consumer } from '../kernel/index.js';
import { draftPurchaseOrder } from '../public/v1/draft-purchase-order.js';
import { me } from '../public/v1/me.js';
import { order } from '../public/v1/order.js';
import { orders } from '../public/v1/orders.js';
import { studentDashboard } from '../public/v1/student-dashboard.js';
import { trip } from '../public/v1/trip.js';

/** The frontend of the samples: the composed routes that its pages are made of. */
export const web = consumer('web', { me, studentDashboard, orders, order, trip, draftPurchaseOrder });
