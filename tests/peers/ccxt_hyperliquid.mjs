// ccxt against the loopback Hyperliquid. Not in ctest: it needs node and the package.
//   npm install ccxt                                     (in a folder of your own)
//   etrms-cli venue > venue.json &
//   node tests/peers/ccxt_hyperliquid.mjs venue.json   (from the folder that has the package)
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';

const require = createRequire(process.cwd() + '/');
const ccxt = require('ccxt');
const venue = JSON.parse(readFileSync(process.argv[2], 'utf8').split('\n')[0]).hyperliquid;
const account = venue.accounts[0];

const exchange = new ccxt.pro.hyperliquid({
  walletAddress: account.accountAddress,
  privateKey: account.agentKey,
  options: { fetchMarkets: { types: ['swap'] }, builderFee: false, refSet: true, defaultType: 'swap' },
});
exchange.urls.api.public = venue.restUrl;
exchange.urls.api.private = venue.restUrl;
exchange.urls.api.ws.public = venue.webSocketUrl;

const step = async (name, run) => {
  const result = await run();
  console.log('ok', name, typeof result === 'string' || typeof result === 'number' ? result : '');
  return result;
};
const symbol = 'BTC/USDC:USDC';

await step('loadMarkets', async () => {
  const markets = await exchange.loadMarkets();
  assert.equal(markets[symbol].baseId, '0');
  assert.equal(markets['SOL/USDC:USDC'].baseId, '3'); // the delisted row counts
  return Object.keys(markets).length;
});
await step('fetchBalance', async () => {
  const balance = await exchange.fetchBalance();
  assert.equal(balance.USDC.total, 10000);
  return balance.USDC.total;
});
const book = await step('fetchOrderBook', () => exchange.fetchOrderBook(symbol));
const bid = book.bids[0][0];
const ask = book.asks[0][0];
assert.ok(bid < ask);

const resting = await step('createOrder limit', async () => {
  const order = await exchange.createOrder(symbol, 'limit', 'buy', 0.001, Math.round(bid * 0.98));
  assert.ok(order.id);
  return order;
});
await step('fetchOrder', async () => {
  const order = await exchange.fetchOrder(resting.id, symbol);
  assert.equal(order.status, 'open');
  return order.status;
});
await step('createOrder market', async () => {
  const order = await exchange.createOrder(symbol, 'market', 'buy', 0.01, ask);
  assert.equal(order.filled, 0.01);
  return order.average;
});
await step('fetchPositions', async () => {
  const positions = await exchange.fetchPositions();
  assert.equal(positions.length, 1);
  assert.equal(positions[0].contracts, 0.01);
  assert.equal(positions[0].side, 'long');
  return positions[0].entryPrice;
});
const stop = await step('createOrder trigger', () =>
  exchange.createOrder(symbol, 'market', 'sell', 0.01, Math.round(bid * 0.9), {
    stopLossPrice: Math.round(bid * 0.95),
    reduceOnly: true,
  }));
await step('fetchOpenOrders', async () => {
  const orders = await exchange.fetchOpenOrders();
  assert.equal(orders.length, 2);
  return orders.length;
});
await step('setLeverage', () => exchange.setLeverage(5, symbol, { marginMode: 'cross' }));
await step('editOrder', async () => {
  const order = await exchange.editOrder(resting.id, symbol, 'limit', 'buy', 0.002, Math.round(bid * 0.97), { postOnly: true });
  assert.notEqual(order.id, resting.id);
  resting.id = order.id;
  return order.id;
});
await step('cancelOrder', () => exchange.cancelOrder(resting.id, symbol));
await step('cancelOrder trigger', async () => {
  const open = await exchange.fetchOpenOrders();
  assert.equal(open.length, 1);
  return exchange.cancelOrder(stop.id ?? open[0].id, symbol);
});
await step('fetchMyTrades', async () => {
  const trades = await exchange.fetchMyTrades(symbol);
  assert.equal(trades[0].amount, 0.01);
  return trades.length;
});
await step('fetchOHLCV', async () => (await exchange.fetchOHLCV(symbol, '1m')).length);
await exchange.loadHttpProxyAgent(); // ccxt asks for it before ws:// without TLS
await step('watchOrderBook', async () => {
  const watched = await exchange.watchOrderBook(symbol);
  assert.ok(watched.bids[0][0] < watched.asks[0][0]);
  return watched.bids.length;
});
await step('watchTrades', async () => (await exchange.watchTrades(symbol)).length);
await step('watchOrders', async () => {
  const waiting = exchange.watchOrders();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await exchange.createOrder(symbol, 'market', 'sell', 0.01, bid, { reduceOnly: true });
  return (await waiting)[0].status;
});
await step('flat', async () => {
  assert.equal((await exchange.fetchPositions()).length, 0);
  return 'flat';
});
await exchange.close();
